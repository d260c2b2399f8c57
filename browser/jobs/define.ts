import { defineOnce } from '../define-once.ts'
import { DroverJobs } from './jobs.ts'

defineOnce('drover-jobs', DroverJobs)
