/** The types that users see, from tasks and from a type-only import of them. Checked by the compiler. */
import { expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../contract/mod.ts'
import type { Detached } from './errors.ts'
import type { BroadcastHandle, JobHandle, Master, Outcome, WorkerOutcome } from './mod.ts'

const thumbnail = defineTask('image.thumbnail', {
  input: z.object({ path: z.string(), width: z.int().default(320) }),
  output: z.object({ bytes: z.int(), at: z.iso.datetime().transform(text => new Date(text)) }),
})
const facts = defineTask('host.facts', { input: z.object({}) })
const inArray = [thumbnail, facts] as const
const inObject = { thumbnail, facts, other: 7 }
interface Made {
  bytes: number
  at: Date
}

// Never run: the compiler is the test.
function check(plain: Master, byArray: Master<typeof inArray>, byObject: Master<typeof inObject>): void {
  expectTypeOf(plain.run(thumbnail, { path: 'cat.png' })).resolves.toEqualTypeOf<Made>()
  expectTypeOf(plain.run(facts, {})).resolves.toBeUnknown()
  expectTypeOf(plain.run('anything', 7)).resolves.toBeUnknown()
  expectTypeOf(plain.dispatch(thumbnail, { path: 'cat.png', width: 1 })).toEqualTypeOf<JobHandle<Made>>()
  expectTypeOf(plain.broadcast(thumbnail, { path: 'cat.png' })).toEqualTypeOf<BroadcastHandle<Made>>()
  expectTypeOf(plain.dispatch(thumbnail, { path: 'p' }).outcome).resolves.toEqualTypeOf<Outcome<Made> | Detached>()
  expectTypeOf(plain.broadcast(thumbnail, { path: 'p' }).done)
    .resolves.toHaveProperty('outcomes')
    .toEqualTypeOf<readonly WorkerOutcome<Made>[]>()
  expectTypeOf(plain.dispatch(facts, {})).not.toHaveProperty('then')

  expectTypeOf(byArray.run('image.thumbnail', { path: 'cat.png' })).resolves.toEqualTypeOf<Made>()
  expectTypeOf(byObject.run('image.thumbnail', { path: 'cat.png' })).resolves.toEqualTypeOf<Made>()
  expectTypeOf(byObject.run(thumbnail, { path: 'cat.png' })).resolves.toEqualTypeOf<Made>()

  // @ts-expect-error a wrong input
  void plain.run(thumbnail, { path: 7 })
  // @ts-expect-error a wrong input, by name
  void byArray.run('image.thumbnail', { width: 1 })
  // @ts-expect-error a name that is none
  void byObject.run('image.thumb', { path: 'cat.png' })
}

test('run, dispatch and broadcast have the types of their task', () => {
  expectTypeOf(check).toBeFunction()
})
