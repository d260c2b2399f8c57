/** Messages far behind, of which memory has only numbers: they come in the order of those that are there as they are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEntries } from './entries.ts'
import type { Entry } from './entry.ts'
import type { Message } from './message.ts'

/** Where memory has it, only whether its bytes are there is looked at. */
const inMemory = (hasBytes: boolean): Message => ({ content: hasBytes ? {} : undefined }) as Message

const push = fc.record({
  what: fc.constant('push' as const),
  priority: fc.constantFrom(4, 4, 4, 9),
  many: fc.constantFrom(1, 700, 1_500),
  row: fc.boolean(),
  expires: fc.constantFrom(Number.POSITIVE_INFINITY, 5, 10),
  isRefused: fc.boolean(),
})
const other = fc.record({
  what: fc.constantFrom('write' as const, 'shift' as const, 'give back' as const, 'expire' as const),
  many: fc.constantFrom(1, 3, 1_100),
})

test('whatever is pushed, taken, given back, written or expires, they come as from a list in memory', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(push, other), { maxLength: 25 }), plan => {
      const [kept, plain] = [createEntries(true), createEntries(false)]
      const described = ({ message: _, ...rest }: Entry) => rest
      let sequence = 0
      const pushed: Entry[] = []
      const [mine, theirs]: [Entry[], Entry[]] = [[], []]
      for (const step of plan) {
        if (step.what === 'push') {
          for (let n = 0; n < step.many; n++) {
            const entry = (): Entry => ({
              message: inMemory(true),
              priority: step.priority,
              expiresAt: step.expires,
              bytes: sequence % 7,
              payer: `payer ${sequence % 3}`,
              sequence,
              isRedelivered: sequence % 2 === 0,
              refusedBy: step.isRefused ? plan : undefined,
              row: step.row ? sequence + 1 : 0,
              changes: 0,
            })
            const one = entry()
            pushed.push(one)
            kept.push(one)
            plain.push(entry())
            sequence++
          }
        } else if (step.what === 'write') for (const entry of pushed) entry.message = inMemory(entry.row === 0)
        else if (step.what === 'expire') {
          const bySequence = (a: Entry, b: Entry): number => a.sequence - b.sequence
          const [dropped, expected] = [kept.dropExpired(5).sort(bySequence), plain.dropExpired(5).sort(bySequence)]
          expect(dropped.map(described)).toEqual(expected.map(described))
        } else if (step.what === 'give back') {
          kept.putBack(mine.splice(0, step.many))
          plain.putBack(theirs.splice(0, step.many))
        } else {
          for (let n = 0; n < step.many && plain.length > 0; n++) {
            mine.push(kept.shift()!)
            theirs.push(plain.shift()!)
            expect(described(mine.at(-1)!)).toEqual(described(theirs.at(-1)!))
          }
        }
        expect([kept.length, kept.earliestExpiry()]).toEqual([plain.length, plain.earliestExpiry()])
      }
    }),
    { numRuns: 60 },
  )
})

const keptEntry = (sequence: number, message: Message | undefined): Entry => ({
  message,
  priority: 4,
  expiresAt: 1,
  bytes: 1,
  payer: 'p',
  sequence,
  isRedelivered: false,
  refusedBy: undefined,
  row: sequence + 1,
  changes: 0,
})

test('of messages that an earlier process kept in any order, the earliest comes first', () => {
  const entries = createEntries(true)
  const order = [3, 0, 5, 1, 4, 2]
  for (const sequence of order) {
    entries.restore(keptEntry(sequence, undefined))
  }
  entries.sort()
  expect(order.map(() => entries.shift()?.row)).toEqual([1, 2, 3, 4, 5, 6])
})

test('of those that are written, behind the first, memory has no message', () => {
  const entries = createEntries(true)
  const count = 100_000
  let last: Entry | undefined
  for (let sequence = 0; sequence < count; sequence++) {
    if (last) last.message = inMemory(false)
    last = keptEntry(sequence, inMemory(true))
    entries.push(last)
  }
  // Those of the head, at most, are there as they were
  for (let n = 0; n < 5_000; n++) entries.shift()
  expect(entries.first?.message).toBeUndefined()
  expect(entries.length).toBe(count - 5_000)
})
