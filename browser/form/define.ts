import { defineOnce } from '../define-once.ts'
import { DroverForm } from './form.ts'

defineOnce('drover-form', DroverForm)
