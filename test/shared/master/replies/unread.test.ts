/** Replies that are not as the contract has them, as raw frames of other programs, through real brokers. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { JobHandle } from '../../../../shared/master/jobs/job-handle.ts'
import { type Master, startMaster } from '../../../../shared/master/node.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'
import { connectRaw, type RawStomp } from '../../../support/raw-stomp.ts'
import { until } from '../../../support/until.ts'

const inputs = 'test/cases/inputs/'
const idInFile = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'

interface TestBed extends AsyncDisposable {
  readonly master: Master
  readonly raw: RawStomp
  dispatch(): JobHandle
  /** Sends a body, as a text or as bytes, to where the job is to be answered. */
  say(body: string | Uint8Array, headers?: Record<string, string>): Promise<unknown>
}

async function startTestBed(broker: 'embedded' | 'classic'): Promise<TestBed> {
  const { stompUrl } = await sharedBroker(broker)
  const namespace = unique('unread')
  await using stack = new AsyncDisposableStack()
  const master = stack.use(await startMaster({ url: stompUrl, namespace }))
  const raw = stack.use(await connectRaw(stompUrl))
  const destination = `/queue/${namespace}.reply.foo.${master.masterId}`
  const kept = stack.move()
  return {
    master,
    raw,
    dispatch: () => master.dispatch('t', null, { timeoutMs: 60_000 }),
    say: (body, headers = {}) =>
      raw.confirmed('SEND', { destination, 'content-type': 'application/json', ...headers }, body),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** A stored frame about this job instead of that of the file. */
function frameOf(name: string, requestId: string): { body: string; headers: Record<string, string> } {
  const text = readFileSync(`${inputs}${name}`, 'utf8').replaceAll(idInFile, requestId)
  return { body: text.slice(text.indexOf('\n\n') + 2).replace('^@', ''), headers: { 'correlation-id': requestId } }
}

const messageOf = ({ snapshot: { phase } }: JobHandle): string =>
  phase.at === 'ended' && phase.outcome.type === 'error' ? phase.outcome.error.message : phase.at

test.each(['embedded', 'classic'] as const)('%s: stored frames end their jobs or show in them', async broker => {
  await using testBed = await startTestBed(broker)
  for (const name of readdirSync(inputs).filter(file => file.startsWith('C01-'))) {
    const job = testBed.dispatch()
    await job.sent
    const { body, headers } = frameOf(name, job.request_id)
    await testBed.say(body, headers)
    if (name.includes('-11-')) {
      await until(name, () => job.snapshot.replies.some(({ type }) => type === 'log' || type === 'progress'))
      await testBed.say(JSON.stringify({ request_id: job.request_id, type: 'result' }))
      expect((await job.outcome).type, name).toBe('result')
    } else {
      expect(await job.outcome, name).toMatchObject({ type: 'error', error: { code: 'message_invalid' } })
      expect(messageOf(job), name).toMatch(/its "(error|took_ms|at|issues)" is .*; expected /)
    }
  }
  expect(Object.values(testBed.master.discards)).toEqual([0, 0, 0, 0, 0, 0])
})

const bytes = (text: string) => Uint8Array.from(text, char => char.charCodeAt(0))
const named = (id: string) => ({ 'correlation-id': id })

/** The bodies that stand in for a reply, by their kind, and the words of the job's error about each. */
const strange: Record<string, { body: (id: string) => string | Uint8Array; says: string; isNamed?: boolean }> = {
  'no body': { body: () => '', says: 'its body is empty' },
  'plain text': { body: () => 'Segmentation fault', says: 'Segmentation fault' },
  'a stack trace after JSON that is cut off': {
    body: id => `{"request_id":"${id}","type":"result","output":\nTraceback`,
    says: 'Traceback',
    isNamed: false,
  },
  'Latin-1 bytes': { body: () => bytes('{"type":"error","error":"caf\xe9 is full"}'), says: 'is full' },
  'UTF-16 bytes': { body: () => bytes('\xff\xfe{\0"\0t\0y\0p\0e\0'), says: 'its body is not JSON' },
  'an output 5,000 levels deep': {
    body: id => `{"request_id":"${id}","type":"result","output":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    says: 'nested more than 100 levels',
    isNamed: false,
  },
  'a newer version': { body: id => `{"request_id":"${id}","type":"result","v":2}`, says: '"v" is 2', isNamed: false },
}

test('a UUID names its job in capitals as well, in the body, the header or both', async () => {
  await using testBed = await startTestBed('embedded')
  for (const [inBody, inHeader] of [
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const job = testBed.dispatch()
    await job.sent
    const { request_id: id } = job
    const said = { request_id: inBody ? id.toUpperCase() : id, worker_id: 'swift' }
    const headers = named(inHeader ? id.toUpperCase() : id)
    await testBed.say(JSON.stringify({ ...said, type: 'progress', percent: 50, message: null }), headers)
    await testBed.say(JSON.stringify({ ...said, type: 'result', output: 7 }), headers)
    expect(await job.outcome).toMatchObject({ type: 'result', output: 7 })
    // Many languages write null for an absent value
    expect(job.snapshot.replies[0]).toMatchObject({ type: 'progress', percent: 50 })
    expect(job.snapshot.replies[0]).not.toHaveProperty('message')
  }
  const apart = testBed.dispatch()
  await apart.sent
  await testBed.say(JSON.stringify({ request_id: apart.request_id.toUpperCase(), type: 'result', output: 7 }))
  expect(await apart.outcome).toMatchObject({ type: 'result', output: 7 })
  expect(testBed.master.discards.unknown_job + testBed.master.discards.mismatched).toBe(0)
})

test('a job that any bytes name ends, and bytes that name none are counted', async () => {
  await using testBed = await startTestBed('embedded')
  for (const [name, { body, says, isNamed = true }] of Object.entries(strange)) {
    const job = testBed.dispatch()
    await job.sent
    await testBed.say(body(job.request_id), isNamed ? named(job.request_id) : {})
    expect((await job.outcome).type, name).toBe('error')
    expect(messageOf(job), name).toContain(says)
  }
  await testBed.say('who am I')
  await until('the stray', () => testBed.master.discards.invalid === 1)
})
