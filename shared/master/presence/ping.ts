/** Asking who is there: every worker of the task announces itself. */
import { grantCovers } from '../../contract/mod.ts'
import { destinationsOf, type Outgoing, type Session } from '../../stomp/mod.ts'

/** Whether this session may ask the workers of a task. */
export const mayPing = (task: string, { grants }: Session): boolean =>
  grants === undefined || grantCovers([...grants.dispatch, ...grants.broadcast], task)

/** The ping, as it leaves. */
export const pingTo = (task: string, { namespace }: Session): Outgoing => ({
  destination: destinationsOf(namespace).control(task),
  headers: { 'content-type': 'application/json', persistent: 'false' },
  body: '{"v":1,"type":"ping"}',
})
