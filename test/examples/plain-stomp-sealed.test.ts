/** The programs of examples/plain-stomp that seal: with each other, and with the seal of this package. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeal, type JsonWebKeySet, newKey, publicKeys, type Seal } from 'drover/seal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonPath, readPrepared } from '../../scripts/test/prepared.ts'
import { systemClock } from '../../shared/clock.ts'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { jsonLines, Program } from '../support/cli/program.ts'
import { scriptMaster } from '../support/scripted-master.ts'
import { scriptWorker } from '../support/scripted-worker.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-sealed-'))
const at = (name: string): string => join(folder, name)
const task = 'text.count'
const sealOf = (keys: JsonWebKeySet): Seal => createSeal({ keys }, { clock: systemClock, problem: () => {} })

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
    const wrong = await example('sealed_master', at('public.json'), task, '{"words":1}').ended
    expect(jsonLines(wrong.stdout).at(-1)).toMatchObject({ type: 'rejected', issues: [{ path: 'text' }] })
  })

  test.for(['x25519', 'shared', 'both'] as const)('their worker answers a job for %s of ours', async kind => {
    const keys = kind === 'both' ? set : { keys: [await newKey(kind)] }
    await writeFile(at(`${kind}.json`), JSON.stringify(keys))
    await using worker = example('sealed_worker', at(`${kind}.json`))
    await worker.says(/waiting for sealed jobs/)
    await using master = await scriptMaster(broker.url, 'myapp', [])
    const seal = sealOf(kind === 'shared' ? keys : publicKeys(keys))
    const place = { namespace: 'myapp', task, request_id: crypto.randomUUID(), attempt: 1 }
    const replyKey = seal.newReplyKey()
    const sealed = await seal.sealJob({ ...place, expires_at: Date.now() + 60_000 }, { text: 'zwei Wörter' }, replyKey)
    await master.send(task, undefined, { body: { request_id: place.request_id, sealed } })
    const reply = await master.outcome(place.request_id)
    const { worker_id = '', type, seq = -1 } = reply
    const payload = await seal.openReply(
      { ...place, worker_id, type, seq },
      reply.sealed,
      await seal.replyKey(replyKey),
    )
    expect([type, payload]).toEqual(['result', { output: { words: 2, characters: 11 } }])

    // Moved to another job
    const moved = await master.send(task, undefined, { body: { sealed } })
    const refused = await master.outcome(moved)
    expect(refused).toMatchObject({
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

  test('their master opens the answer of a worker of ours', async () => {
    const seal = sealOf(set)
    await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1', isPresent: false })
    const program = example('sealed_master', at('public.json'), task, '{"text":"four words in here"}')
    const { job, message, reply, ack } = await worker.next()
    const place = { namespace: 'myapp', task, request_id: job.request_id, attempt: 1 }
    const { input, replyKey } = await seal.openJob(place, job.sealed)
    expect([input, message.body.includes('four words')]).toEqual([{ text: 'four words in here' }, false])
    await reply({ type: 'accepted' })
    const bound = { ...place, worker_id: 'w1', type: 'result', seq: 1 }
    const output = { words: 4 }
    await reply({ type: 'result', sealed: await seal.sealReply(bound, { output }, [replyKey]) })
    ack()
    const { code, stdout, stderr } = await program.ended
    expect([code, stderr]).toEqual([0, ''])
    expect(jsonLines(stdout).map(({ type, output }) => [type, output])).toEqual([
      ['accepted', undefined],
      ['result', output],
    ])
  })
})
