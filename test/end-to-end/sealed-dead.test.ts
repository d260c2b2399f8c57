/** Sealed jobs that died: an operator without any key lists them and sends them again, and learns nothing of their contents. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../shared/master/node.ts'
import { newKey, publicKeys } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { until } from '../support/until.ts'
import { startWiretap } from '../support/wiretap.ts'

const plain = 'Zm9vYmFy-plain-text'
const task = defineTask('mend.it', { input: z.string(), output: z.string(), attempts: 2, retryDelayMs: 0 })

test('a sealed dead job is sent again by who has no key, and its master opens the outcome', async () => {
  await using stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker('embedded')
  const tap = stack.use(await startWiretap(stompUrl))
  const url = tap.through(stompUrl)
  const namespace = unique('sealed')
  const keys = { keys: [await newKey('p-256')] }
  let isMended = false
  const attempts: number[] = []
  const run = implement(task, (input, { attempt }) => {
    attempts.push(attempt)
    // The first attempt of the retry fails too, so that the job is sealed anew for its second
    if (!isMended || attempt === 1) throw new Error(`no ${input}`)
    return input
  })
  stack.use(await startWorker({ url, namespace, tasks: [run], signals: false, seal: { keys } }))
  const master = stack.use(await startMaster({ url, namespace, seal: { keys: publicKeys(keys) } }))
  const job = master.dispatch(task, plain, { timeoutMs: 30_000 })
  const brief = master.dispatch(task, plain, { timeoutMs: 2_000 })
  expect(await job.outcome).toMatchObject({ type: 'error', error: { message: `no ${plain}` } })
  await brief.outcome
  const operator = stack.use(await startMaster({ url, namespace }))
  const letter = await until('it is dead', async () => await operator.dead.show(job.request_id))
  expect(letter).toMatchObject({ sealed: true, attempt: 2, input: undefined, sealed_until: expect.any(Number) })
  expect(letter.history.map(({ error }) => error?.code)).toEqual(['sealed', 'sealed'])
  isMended = true
  expect(await operator.dead.retry({ id: job.request_id })).toMatchObject({ done: [{}], left: [] })
  const late = await until('its master has heard', () => job.snapshot.late.at(0))
  expect(late).toMatchObject({ type: 'result', output: plain })
  expect(attempts.slice(-2)).toEqual([1, 2])

  // Its worker would reject it, and then it would be gone
  await until('the other seal has ended', async () => {
    const over = await operator.dead.show(brief.request_id)
    return over!.sealed_until! < Date.now()
  })
  const over = await operator.dead.retry({ id: brief.request_id })
  expect(over).toMatchObject({ done: [], left: [{ why: expect.stringContaining('its seal ended') }] })
  expect(tap.text()).not.toContain(plain)
})
