/**
 * The behaviour of a worker on the wire, seen from the side of a master. One suite is for real worker processes on Node and
 * on Deno, over TCP and over WebSocket. Promises 1, 3, 5 and 6.
 */
import { describe } from 'vitest'
import { answers } from './scenarios/answers.ts'
import { connection } from './scenarios/connection.ts'
import { handedOn } from './scenarios/handed-on.ts'
import { replies } from './scenarios/replies.ts'
import { stopped } from './scenarios/stopped.ts'
import { setUpTestBed, type WorkerSetUp } from './test-bed.ts'

/** Registers the suite over one set-up. */
export function workerSuite(setUp: WorkerSetUp): void {
  const { runtime, broker, over } = setUp
  describe(`a ${runtime} worker on ${broker} over ${over}`, () => {
    const testBed = setUpTestBed(setUp)
    for (const scenario of [answers, stopped, replies, connection, handedOn]) scenario(testBed)
  })
}
