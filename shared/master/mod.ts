export { type Clock, systemClock } from '../clock.ts'
export type { LinkedJob } from '../contract/linked-job.ts'
export type { Master, SealInfo, StartOptions } from './api.ts'
export type { Change } from './changes.ts'
export type {
  DeadFilter,
  DeadLetter,
  DeadLetters,
  DeadList,
  DeadListOptions,
  DeadResult,
  DropOptions,
  RetryOptions,
} from './dead/api.ts'
export type { BroadcastOptions, JobOptions } from './dispatch/dispatcher.ts'
export type { InputFor, OutputFor, TaskRef } from './dispatch/task-ref.ts'
export { type Detached, JobError } from './errors.ts'
export type { BroadcastHandle, BroadcastResult } from './jobs/broadcast-handle.ts'
export type { LetGo } from './jobs/ended.ts'
export type { Handle, JobHandle } from './jobs/job-handle.ts'
export { type JobCounts, noCounts } from './jobs/job-index.ts'
export {
  type Expected,
  type JobNews,
  type JobState,
  type JobStatus,
  type Loss,
  type Notice,
  type Phase,
  statusOf,
  type Until,
  type WorkerPart,
} from './jobs/state/job.ts'
export type { Outcome, OutcomeSource, OutcomeType, WorkerOutcome } from './jobs/state/outcome.ts'
export { missingReplies } from './jobs/state/reply.ts'
export { createMaster } from './master.ts'
export { linkedJobOf, type ReadJobOptions, readJob } from './one-job/read-job.ts'
export type { MasterOptions } from './options.ts'
export type { TaskInfo } from './presence/task-roster.ts'
export type { WorkerInfo } from './presence/worker-info.ts'
export { type Discards, unreadOf } from './replies/discards.ts'
export { startMaster } from './start.ts'
export { checkDepth, storeApart } from './storage/apart.ts'
export { memoryStorage } from './storage/memory.ts'
export { fileStorage } from './storage/no-file.ts'
export { whyUnreadable } from './storage/readable.ts'
export type { Changes, JobStorage, Stored, Unread, Unstored } from './storage/storage.ts'
