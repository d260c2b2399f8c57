import { defineOnce } from '../define-once.ts'
import { DroverDead } from './dead.ts'

defineOnce('drover-dead', DroverDead)
