/** Keys are rotated without a job that nobody can open: master and worker read their sets at any time around it. */
import { createSeal, type JsonWebKeySet, newKey, publicKeys } from 'drover/seal'
import { expect, test } from 'vitest'
import { rotated } from '../../../cli/keys/rotation.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const job = { namespace: 'myapp', task: 'host.facts', request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', attempt: 1 }

test('each job of two months of rotations opens, also with keys that were read just before', async () => {
  const start = Date.UTC(2026, 10, 29)
  let at = 0
  const clock = { now: () => start + at, steady: () => at, timer: () => () => {} }
  let file: JsonWebKeySet = { keys: [await newKey('p-256')] }
  const ports = { clock, problem: (message: string) => expect.unreachable(message) }
  const master = createSeal({ keys: () => publicKeys(file) }, ports)
  const worker = createSeal({ keys: () => file }, ports)
  await Promise.all([master.ready(), worker.ready()])

  const sealed = async () => {
    const expires_at = clock.now() + day
    return { body: await master.sealJob({ ...job, expires_at }, at, master.newReplyKey()), input: at }
  }
  let waiting = await sealed()
  const kids = new Set<unknown>()
  for (let time = 0; time < 60; time++) {
    if (time % 10 === 0) {
      const options = { now: clock.now(), inMs: hour, keepMs: 15 * day, newKey }
      file = await rotated({ keys: file.keys, ...options })
    }
    for (const step of [1, 4 * minute, hour - 5 * minute, 5 * minute, 5 * minute, day - hour - 9 * minute - 1]) {
      at += step
      const now = await sealed()
      kids.add(master.recipients.join())
      for (const { body, input } of [now, waiting]) expect((await worker.openJob(job, body)).input).toBe(input)
      expect(master.recipients, `${at} ms`).toHaveLength(1)
      waiting = now
    }
  }
  expect(kids.size, 'keys that sealed').toBe(7)
  expect(file.keys.length, 'old keys go').toBeLessThanOrEqual(4)
})
