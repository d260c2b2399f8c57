import { defineOnce } from '../define-once.ts'
import { DroverWorkers } from './workers.ts'

defineOnce('drover-workers', DroverWorkers)
