/** Bodies of jobs that go on: the bytes as they came, with what changed. Fields that this version does not know stay. */

import { withMembers } from '../shared/contract/members.ts'
import { withoutMark } from '../shared/contract/mod.ts'

/** The job's body with another `attempt` or `losses`. Only for what was read as a job. */
export function changedJob(
  body: string,
  changed: { readonly attempt?: number | undefined; readonly losses?: number | undefined },
): string {
  return withMembers(withoutMark(body), { ...changed })
}
