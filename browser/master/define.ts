import { defineOnce } from '../define-once.ts'
import { DroverMaster } from './master.ts'

defineOnce('drover-master', DroverMaster)
