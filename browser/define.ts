/** Defines every widget. The master comes first, so that widgets inside one find it at once. */
import { defineOnce } from './define-once.ts'
import { DroverForm } from './form/form.ts'
import { DroverJob } from './job/job.ts'
import { DroverJobs } from './jobs/jobs.ts'
import { DroverMaster } from './master/master.ts'
import { DroverWorkers } from './workers/workers.ts'

defineOnce('drover-master', DroverMaster)
defineOnce('drover-form', DroverForm)
defineOnce('drover-jobs', DroverJobs)
defineOnce('drover-job', DroverJob)
defineOnce('drover-workers', DroverWorkers)

export * from './widgets.ts'
