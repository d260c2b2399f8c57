/** A sealed job that its sender asks for once more, by a master that has not the reply key of the first one. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../shared/master/node.ts'
import { newKey } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'

const doubled = defineTask('again.doubled', { input: z.object({ of: z.number() }), output: z.number() })

test('a sealed job that has ended is told again to a new master with the same input, and to no other', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('again')
  const signing = await newKey('ed25519')
  const keys = { keys: [await newKey('x25519'), signing] }
  const seal = { keys, sign: String(signing.kid), signed: 'required' } as const
  let runs = 0
  await using _ = await startWorker({
    url,
    namespace,
    seal: { ...seal, sign: undefined },
    signals: false,
    tasks: [
      implement(doubled, ({ of }) => {
        runs++
        return 2 * of
      }),
    ],
  })
  const requestId = crypto.randomUUID()
  const ask = async (of: number, timeoutMs: number) => {
    // The worker does not sign, so its masters ask for no signature
    await using master = await startMaster({ url, namespace, seal: { ...seal, signed: undefined } })
    const { type, ...rest } = await master.dispatch(doubled, { of }, { requestId, timeoutMs }).outcome
    return [type, 'output' in rest ? rest.output : undefined, master.discards.unsealed]
  }
  expect(await ask(21, 20_000)).toEqual(['result', 42, 0])
  expect(await ask(21, 20_000), 'another master, the same input').toEqual(['result', 42, 0])
  expect(await ask(22, 700), 'another input').toEqual(['timed_out', undefined, 1])
  expect(await ask(21, 20_000), 'once more').toEqual(['result', 42, 0])
  expect(runs).toBe(1)
})

test('a sealed job that ended before its worker was started anew is told again, and is nowhere open in the state', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('again')
  const folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const seal = { keys: { keys: [await newKey('x25519')] } }
  const shouted = defineTask('again.shouted', { input: z.string(), output: z.string(), attempts: 2, retryDelayMs: 0 })
  let runs = 0
  const run = (text: string) => {
    runs++
    if (text === 'fails quietly') throw new Error(`cannot shout ${text}`)
    return text.toUpperCase()
  }
  const start = () =>
    startWorker({
      url,
      namespace,
      seal,
      state: join(folder, 'worker.db'),
      signals: false,
      tasks: [implement(shouted, run)],
    })
  const ask = async (requestId: string, text: string) => {
    await using master = await startMaster({ url, namespace, seal })
    return await master.dispatch(shouted, text, { requestId, timeoutMs: 20_000 }).outcome
  }
  const [ended, failed] = [crypto.randomUUID(), crypto.randomUUID()]
  {
    await using _worker = await start()
    expect(await ask(ended, 'a quiet word')).toMatchObject({ type: 'result', output: 'A QUIET WORD' })
    expect(await ask(failed, 'fails quietly')).toMatchObject({ error: { message: 'cannot shout fails quietly' } })
  }
  expect(runs).toBe(3)
  const bytes = await Promise.all((await readdir(folder)).map(name => readFile(join(folder, name), 'latin1')))
  expect(bytes.join(), 'it is there').toContain(ended)
  expect(/quiet|shout /i.exec(bytes.join()), 'and sealed').toBeNull()
  await using _worker = await start()
  expect(await ask(ended, 'a quiet word'), 'another master').toMatchObject({ type: 'result', output: 'A QUIET WORD' })
  expect(await ask(failed, 'fails quietly')).toMatchObject({ error: { message: 'cannot shout fails quietly' } })
  expect(runs).toBe(3)
})
