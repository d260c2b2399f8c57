import type { Core } from '../core.ts'
import type { JobEnds } from './job-ends.ts'

export const finish = (core: Core, ...what: Parameters<JobEnds['outcome']>): Promise<void> => core.ends.outcome(...what)
