export { type Clock, systemClock } from '../clock.ts'
export { type JobCounts, noCounts } from './book.ts'
export type { Change } from './core-options.ts'
export type { LetGo } from './ended.ts'
export { type Detached, JobError } from './errors.ts'
export type { FleetHandle, FleetResult } from './fleet.ts'
export { type Strays, unreadOf } from './intake.ts'
export type { Handle, JobHandle } from './job.ts'
export type { BroadcastOptions, JobOptions, MasterOptions } from './options.ts'
export type { TaskInfo } from './roster.ts'
export { createMaster, type Master, type StartOptions, startMaster } from './start.ts'
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
} from './state/job.ts'
export type { Outcome, OutcomeSource, OutcomeType, WorkerOutcome } from './state/outcome.ts'
export { missingReplies } from './state/reply.ts'
export { checkDepth, storeApart } from './storage/apart.ts'
export { memoryStorage } from './storage/memory.ts'
export { fileStorage } from './storage/no-file.ts'
export { whyUnreadable } from './storage/readable.ts'
export type { Changes, JobStorage, Stored, Unread, Unstored } from './storage/storage.ts'
export type { InputFor, OutputFor, TaskRef } from './tasks.ts'
export type { WorkerInfo } from './worker-info.ts'
