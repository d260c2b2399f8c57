export { type MasterHolder, masterContext } from './context.ts'
export { DroverDead } from './dead/dead.ts'
export {
  type DispatchDetail,
  DroverDispatchEvent,
  DroverDispatchedEvent,
  DroverEditEvent,
  DroverMasterEvent,
  DroverOutcomeEvent,
  DroverSelectEvent,
  type EditDetail,
} from './events.ts'
export { DroverForm } from './form/form.ts'
export { DroverJob } from './job/job.ts'
export { DroverJobs } from './jobs/jobs.ts'
export { DroverMaster } from './master/master.ts'
export { DroverWorkers } from './workers/workers.ts'
