import { defineOnce } from '../define-once.ts'
import { DroverJob } from './job.ts'

defineOnce('drover-job', DroverJob)
