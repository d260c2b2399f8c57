/** A job that has the id of another: whether it may be told how that one ends, and its seal. */
import { expect, test } from 'vitest'
import type { Job } from '../../shared/contract/mod.ts'
import { type HeldJob, HeldJobs } from '../held-job.ts'
import type { Copy } from '../job-copy.ts'
import type { CopySeal } from '../sealing/copy-seal.ts'
import { fakeHeldJob, fakeSession } from '../testing.ts'
import { Duplicates, type DuplicatesPorts, whyNotShared, whyUnanswered } from './duplicates.ts'

const replyTo = '/queue/myapp.reply'
const requestId = crypto.randomUUID()
const sealOf = () => ({}) as CopySeal

function heldOf(body: string, seal?: CopySeal, to = replyTo): HeldJob {
  const origin = { requestId, replyTo: to, deadlineAt: 1e9, headers: {} }
  const copy: Copy = { origin, body, delivery: undefined, connection: 1, seal }
  const job: Job = { v: 1, request_id: requestId, task: 'a', input: null, attempt: 1, losses: 0 }
  const sealed = seal && { protected: '', iv: '', ciphertext: '', tag: '' }
  return fakeHeldJob({ requestId, job: { ...job, sealed }, seal, copies: [copy] })
}

test.for([
  ['sealed', 'sealed', [undefined, undefined]],
  ['open', 'open', [undefined, undefined]],
  ['sealed', 'open', ['A job in the open has this request_id', undefined]],
  ['open', 'sealed', [undefined, 'A sealed job has this request_id']],
] as const)('a job that comes %s while one is here %s', ([came, here, expected]) => {
  const identity = { task: 'a', replyTo, sender: undefined, isSealed: came === 'sealed' }
  const held = heldOf('{}', here === 'sealed' ? sealOf() : undefined)
  const found = [whyNotShared(identity, held, undefined), whyUnanswered(identity, held, undefined)]
  expect(found.map(why => why?.split(/,? and this|;/)[0])).toEqual(expected)
})

test('a sealed job keeps the body and the seal that came first by a reply queue, and takes those of another queue', () => {
  const heldJobs = new HeldJobs()
  const [slots, rests, events] = [{ adjust() {} }, { hasCopy() {} }, { log() {} }]
  const ports = { heldJobs, slots, rests, events, session: () => fakeSession }
  const duplicates = new Duplicates(ports as Partial<DuplicatesPorts> as DuplicatesPorts)
  const [first, other] = [sealOf(), sealOf()]
  const held = heldOf('first', first)
  heldJobs.add(held)
  duplicates.takeOver(held, heldOf('of somebody else', sealOf()))
  duplicates.takeOver(held, heldOf('other', other, `${replyTo}.other.m`))
  expect(held.copies.map(({ body }) => body)).toEqual(['first', 'other'])
  expect([held.copies[0]!.seal === first, held.copies[1]!.seal === other]).toEqual([true, true])
})
