/** The programs of examples/plain-stomp that seal: with each other, with our masters, and with our workers. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeal, type JsonWebKeySet, newKey, publicKeys } from 'drover/seal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { pythonPath, readPrepared } from '../../scripts/test/prepared.ts'
import { systemClock } from '../../shared/clock.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { jsonLines, Program } from '../support/cli/program.ts'
import { scriptMaster } from '../support/scripted-master.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-sealed-'))
const at = (name: string): string => join(folder, name)
const task = 'text.count'

describe.skipIf(readPrepared().python !== undefined)('in Python', () => {
  let broker: Awaited<ReturnType<typeof startEmbedded>>
  let set: JsonWebKeySet
  const programs: Program[] = []

  const python = (...args: string[]): Program => {
    const env = { STOMP_HOST: '127.0.0.1', STOMP_PORT: new URL(broker.url).port, PYTHONPATH: pythonPath }
    const program = new Program(['python3', ...args], { env })
    programs.push(program)
    return program
  }
  const example = (name: string, ...args: string[]): Program => python(`examples/plain-stomp/${name}.py`, ...args)

  beforeAll(async () => {
    broker = await startEmbedded()
    set = { keys: [await newKey('x25519'), await newKey('p-256')] }
    await writeFile(at('private.json'), JSON.stringify(set))
    await writeFile(at('public.json'), JSON.stringify(publicKeys(set)))
  })
  afterAll(async () => {
    await Promise.all(programs.map(program => program[Symbol.asyncDispose]()))
    await broker[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('their seal opens the test vectors', async () => {
    const { code, stdout, stderr } = await python('test/examples/fixtures/open-vectors.py').ended
    expect([code, stderr]).toEqual([0, ''])
    const vectors = JSON.parse(readFileSync('docs/vectors/seal.json', 'utf8')) as { name: string }[]
    expect(stdout.trim().split('\n')).toEqual(vectors.map(({ name }) => name))
  })

  test('their master gets an answer of their worker', async () => {
    await using worker = example('sealed_worker', at('private.json'))
    await worker.says(/waiting for sealed jobs/)
    const { code, stdout, stderr } = await example(
      'sealed_master',
      at('public.json'),
      task,
      '{"text":"drei kurze Wörter"}',
    ).ended
    expect([code, stderr]).toEqual([0, ''])
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'result', output: { words: 3, characters: 17 } })
  })

  test.for(['shared', 'both'] as const)('our master, with keys of %s, gets answers of their worker', async kind => {
    const keys = kind === 'both' ? set : { keys: [await newKey(kind)] }
    await writeFile(at(`${kind}.json`), JSON.stringify(keys))
    await using worker = example('sealed_worker', at(`${kind}.json`))
    await worker.says(/waiting for sealed jobs/)
    const seal = { keys: kind === 'both' ? publicKeys(keys) : keys }
    await using master = await startMaster({ url: broker.url, seal })
    const job = master.dispatch(task, { text: 'zwei Wörter' })
    expect(await job.outcome).toMatchObject({ type: 'result', output: { words: 2, characters: 11 } })
    const refused = await master.dispatch(task, { words: 1 }).outcome
    expect(refused).toMatchObject({ type: 'rejected', issues: [{ path: 'text', message: 'expected a text' }] })
    await using open = await startMaster({ url: broker.url })
    expect(await open.dispatch(task, { text: '' }).outcome).toMatchObject({
      type: 'rejected',
      issues: [{ message: 'expected a sealed job' }],
    })
  })

  test('their worker refuses a body that was moved to another job', async () => {
    await using worker = example('sealed_worker', at('private.json'))
    await worker.says(/waiting for sealed jobs/)
    await using master = await scriptMaster(broker.url, 'myapp', [])
    const seal = createSeal({ keys: publicKeys(set) }, { clock: systemClock, problem: () => {} })
    const place = { namespace: 'myapp', task, request_id: crypto.randomUUID(), attempt: 1 }
    const sealed = await seal.sealJob({ ...place, expires_at: Date.now() + 60_000 }, { text: '' }, seal.newReplyKey())
    expect(await master.outcome(await master.send(task, undefined, { body: { sealed } }))).toMatchObject({
      type: 'rejected',
      issues: [{ message: 'This sealed job is refused: the body was sealed for another request_id' }],
    })
  })

  test('a worker without the key gives the job back, and one that has it answers', async () => {
    await writeFile(at('other.json'), JSON.stringify({ keys: [await newKey('x25519')] }))
    await using stranger = example('sealed_worker', at('other.json'))
    await stranger.says(/waiting for sealed jobs/)
    const program = example('sealed_master', at('public.json'), task, '{"text":"one"}')
    await stranger.says(/cannot_open /)
    await using worker = example('sealed_worker', at('private.json'))
    await worker.says(/result /)
    const { code, stdout } = await program.ended
    expect([code, jsonLines(stdout).at(-1)]).toMatchObject([0, { type: 'result', output: { words: 1 }, attempt: 1 }])
  })

  test('their master opens what a worker of ours answers, tries again and rejects', async () => {
    const input = z.object({ text: z.string() })
    const count = implement(
      defineTask(task, { input, attempts: 2, retryDelayMs: 0, sealed: 'required' }),
      ({ text }, job) => {
        job.progress(50, text)
        if (job.attempt === 1) throw new Error(`not yet: ${text}`)
        return { words: text.split(' ').length }
      },
    )
    await using _ = await startWorker({ url: broker.url, tasks: [count], signals: false, seal: { keys: set } })
    const { code, stdout, stderr } = await example('sealed_master', at('public.json'), task, '{"text":"two words"}')
      .ended
    expect([code, stderr]).toEqual([0, ''])
    const replies = jsonLines(stdout)
    expect(replies.map(({ type, attempt }) => `${type} ${attempt}`)).toEqual([
      'accepted 1',
      'progress 1',
      'retrying 1',
      'accepted 2',
      'progress 2',
      'result 2',
    ])
    expect(replies[1]).toMatchObject({ percent: 50, message: 'two words' })
    expect(replies[2]).toMatchObject({ error: { message: 'not yet: two words' } })
    expect(replies.at(-1)).toMatchObject({ output: { words: 2 } })
    const wrong = await example('sealed_master', at('public.json'), task, '{"text":7}').ended
    expect(jsonLines(wrong.stdout).at(-1)).toMatchObject({ type: 'rejected', issues: [{ path: 'text' }] })
  })
})
