/** Asks every worker of a task to announce itself. */
import { grantCovers } from '../../contract/mod.ts'
import type { BrokerSession, Outgoing, Stomp } from '../../stomp/mod.ts'
import { controlMessage } from '../control-message.ts'

/** Whether this session may ask the workers of a task. */
const mayPing = (task: string, { grants }: BrokerSession): boolean =>
  grants === undefined || grantCovers([...grants.dispatch, ...grants.broadcast, ...grants.operate], task)

const pingTo = (task: string, session: BrokerSession): Outgoing => controlMessage(session, task, { v: 1, type: 'ping' })

/** Pings the workers of a task, where this session may. */
export function ping(task: string, session: BrokerSession, stomp: Pick<Stomp, 'publishUnconfirmed'>): void {
  if (mayPing(task, session)) stomp.publishUnconfirmed(pingTo(task, session))
}

/** As `ping`. @returns resolves once the broker has it */
export async function pingConfirmed(
  task: string,
  session: BrokerSession,
  stomp: Pick<Stomp, 'publish'>,
): Promise<void> {
  if (mayPing(task, session)) await stomp.publish(pingTo(task, session))
}
