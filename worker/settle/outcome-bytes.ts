import type { Core } from '../core.ts'
import { sizeLimitOf } from './too-large.ts'

export const outcomeBytes = ({ stomp, limits }: Core): number => sizeLimitOf(stomp, limits).bytes
