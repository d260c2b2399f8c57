/** The tasks that parts of two versions have in common, made by the version that asks for them. */
import * as z from 'zod'
import type { defineTask as Define } from '../../../shared/contract/mod.ts'

/** @param defineTask of the version that will run or dispatch them */
export const tasksOf = (defineTask: typeof Define) => ({
  /** Takes its time, with progress, a log line and a partial. */
  steps: defineTask('old.steps', {
    input: z.object({ ms: z.int() }),
    output: z.object({ by: z.string() }),
  }),
  /** Fails until as many attempts as `failures` are gone, each after a time. */
  flaky: defineTask('old.flaky', {
    input: z.object({ failures: z.int(), ms: z.optional(z.int()) }),
    output: z.object({ attempt: z.int() }),
    attempts: 3,
    retryDelayMs: 300,
  }),
  /** Kills its worker with -9, every time. */
  deadly: defineTask('old.deadly', { input: z.object({}), losses: 1 }),
  /** Kills its first worker with -9. */
  fragile: defineTask('old.fragile', { input: z.object({}), output: z.object({ losses: z.int() }) }),
  /** Its output has as many characters as asked for. */
  large: defineTask('old.large', { input: z.object({ characters: z.int() }), output: z.string() }),
})
