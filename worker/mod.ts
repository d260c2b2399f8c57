export { type Clock, systemClock } from '../shared/clock.ts'
export { type AnyTask, DroverError, defineTask, type Task, type TaskOptions } from '../shared/contract/mod.ts'
export { type Implementation, type ImplementOptions, implement, type Run, type SentOutputOf } from './implement.ts'
export { createWorkerLog } from './log-lines.ts'
export {
  defaultWorkerLimits,
  type Worker,
  type WorkerEvent,
  type WorkerLimits,
  type WorkerOptions,
  type WorkerRuntime,
  type WorkerStats,
} from './options.ts'
export type { JobContext } from './run/job-context.ts'
export { createWorker } from './worker.ts'
