import type { Core } from '../core.ts'
import type { JobEnds } from './job-ends.ts'
import type { JobMessages } from './job-messages.ts'

export const giveBack = (core: Core, ...what: Parameters<JobEnds['requeue']>): Promise<void> =>
  core.ends.requeue(...what)
export const publishAgain = (core: Core, ...what: Parameters<JobEnds['republish']>): Promise<void> =>
  core.ends.republish(...what)
export const publishLost = (core: Core, ...what: Parameters<JobEnds['republishLost']>): Promise<void> =>
  core.ends.republishLost(...what)
export const deadLetterOf = (core: Core, ...what: Parameters<JobMessages['deadLetterOf']>) =>
  core.messages.deadLetterOf(...what)
export const deadLetter = (core: Core, ...what: Parameters<JobMessages['deadLetter']>) =>
  core.messages.deadLetter(...what)
