/** The job suite: every scenario over one set-up. */

import { describe } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import type { SetUp } from '../support/system/set-ups.ts'
import { all } from './scenarios/all.ts'
import { bridgeRestarted } from './scenarios/bridge-restarted.ts'
import { brokerRestarted } from './scenarios/broker-restarted.ts'
import { cancel } from './scenarios/cancel.ts'
import { deadlyTask } from './scenarios/deadly.ts'
import { delayed, delayedOutlives } from './scenarios/delayed.ts'
import { drain } from './scenarios/drain.ts'
import { masterDies } from './scenarios/master-dies.ts'
import { noWorker } from './scenarios/no-worker.ts'
import { one } from './scenarios/one.ts'
import { rejected } from './scenarios/rejected.ts'
import { replies } from './scenarios/replies.ts'
import { retries } from './scenarios/retries.ts'
import { sameMasterId } from './scenarios/same-master-id.ts'
import { timeouts } from './scenarios/timeouts.ts'
import { tooLarge } from './scenarios/too-large.ts'
import { twoMasters } from './scenarios/two-masters.ts'
import { workerKilled } from './scenarios/worker-killed.ts'
import { setUpTestBed } from './test-bed.ts'

const everywhere = [
  ...[one, all, replies, retries, rejected, noWorker, cancel, delayed, timeouts, tooLarge, twoMasters],
  ...[workerKilled, deadlyTask, drain, masterDies],
]

/** Registers the tests of every scenario that the set-up can play. */
export function jobSuite(setUp: SetUp): void {
  const prepared = readPrepared()
  const isMissing = prepared.deno !== undefined || (setUp.broker !== 'embedded' && prepared[setUp.broker] !== undefined)
  describe.skipIf(isMissing)(`jobs over ${setUp.name}`, { timeout: 90_000 }, () => {
    const testBed = setUpTestBed(setUp)
    for (const scenario of everywhere) scenario(testBed)
    if (setUp.by === 'direct') delayedOutlives(testBed)
    if (setUp.by !== 'direct') for (const scenario of [bridgeRestarted, sameMasterId]) scenario(testBed)
    if (setUp.restartsBroker) brokerRestarted(testBed)
  })
}
