/** Sealed jobs of isolated tasks: their children are given the opened input, and nothing of it is said anywhere else. */
import { expect, test } from 'vitest'
import { startMaster } from '../../../shared/master/node.ts'
import { newKey, publicKeys } from '../../../shared/seal/mod.ts'
import { startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startWiretap } from '../../support/wiretap.ts'
import { tasks } from '../fixtures/isolated-tasks.ts'

const plain = 'Zm9vYmFy-plain-text'

const kinds = ['thread', 'process']

test('nobody reads what sealed jobs say and throw in threads and processes', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  await using tap = await startWiretap(stompUrl)
  const url = tap.through(stompUrl)
  const namespace = unique('sealed')
  const keys = { keys: [await newKey('x25519')] }
  const log: unknown[] = []
  const run = async (surviveUncaughtErrors: boolean, whats: readonly (readonly [kind: string, what: string])[]) => {
    await using _worker = await startWorker({
      url,
      namespace,
      tasks: tasks.filter(({ task }) => kinds.some(kind => task.name === `i.${kind}`)),
      signals: false,
      seal: { keys },
      surviveUncaughtErrors,
      onEvent: event => void log.push(event),
    })
    await using master = await startMaster({ url, namespace, seal: { keys: publicKeys(keys) } })
    const input = (what: string) => ({ what, text: plain, password: plain })
    const jobs = whats.map(([kind, what]) => master.dispatch(`i.${kind}`, input(what)))
    return await Promise.all(jobs.map(job => job.outcome))
  }
  const whats = ['echo', 'pieces', 'throw', 'throw later', 'exit']
  const ends = [
    { type: 'result', output: plain },
    { type: 'result', output: 'all' },
    { type: 'error', error: { message: 'no login with ••••••' } },
    { type: 'result', output: 'lived' },
    { type: 'error', error: { code: 'isolate_died' } },
  ]
  const each = kinds.flatMap(kind => whats.map(what => [kind, what] as const))
  expect(await run(true, each)).toMatchObject([...ends, ...ends])
  const [ended] = await run(false, [['thread', 'throw later']])
  expect(ended).toMatchObject({ type: 'error', error: { code: 'isolate_died' } })
  const said = JSON.stringify(log, (_, value) => (value instanceof Error ? value.stack : value))
  expect(said).toContain('Nobody waits for an error at ')
  expect(said + tap.text()).not.toContain(plain)
})
