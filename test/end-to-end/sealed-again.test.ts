/** A sealed job that its sender asks for once more, by a master that has not the reply key of the first one. */
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
