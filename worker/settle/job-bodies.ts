/** Bodies of jobs that go on: the bytes as they came, with what changed. Fields that this version does not know stay. */

import { withMembers } from '../../shared/contract/members.ts'
import { withoutMark } from '../../shared/contract/mod.ts'

/** What of a body changes; what is there and `undefined` is taken out. */
export interface Changed {
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  readonly alone?: number | undefined
  readonly handed_back?: true | undefined
}

/** The job's body with other members of its own. Only for what was read as a job. */
export function changedJob(body: string, changed: Changed): string {
  return withMembers(withoutMark(body), { ...changed })
}
