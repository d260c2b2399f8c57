import type { Core } from '../core.ts'
import type { JobEnds } from '../settle/job-ends.ts'

export { reportAgain as sayAgain } from './reports.ts'
export const stopClaim = (core: Core, ...what: Parameters<JobEnds['stop']>): void => core.ends.stop(...what)
