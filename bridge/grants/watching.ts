/** The right to watch the workers of a task. It comes with each right to have them do something. Design section 4. */
import { type Grants, grantCovers } from '../../shared/contract/grants.ts'
import { patternCovers, TaskName } from '../../shared/contract/names.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'

/** Whether a session may have a task's workers do something. */
export const mayCommand = (grants: Grants, task: string): boolean =>
  grantCovers(grants.dispatch, task) || grantCovers(grants.broadcast, task) || grantCovers(grants.operate, task)

/** Presence of all tasks below a prefix, in the dialect's wildcards. */
export function mayWatch(grants: Grants, dialect: Dialect, destination: string): boolean {
  const { ns } = grants
  const start = `/topic/${ns}.workers.`
  if (!destination.startsWith(start)) return false
  const rest = destination.slice(start.length)
  const { one, rest: all } = dialect.wildcards
  const wildcard = [one, all].find(mark => rest === mark || rest.endsWith(`.${mark}`))
  if (wildcard === undefined) return false
  const prefix = rest.slice(0, -wildcard.length - 1)
  if (prefix !== '' && !TaskName.safeParse(prefix).success) return false
  if (grants.workers) return true
  // On every broker `image.>` reads the topic of the task `image` as well, which `image.*` in a grant does not cover
  if (wildcard === all && prefix !== '' && !mayCommand(grants, prefix)) return false
  const wanted = prefix === '' ? '*' : `${prefix}.*`
  return [...grants.dispatch, ...grants.broadcast, ...grants.operate].some(
    pattern =>
      pattern === '*' || pattern === wanted || (wanted !== '*' && pattern !== prefix && patternCovers(pattern, prefix)),
  )
}
