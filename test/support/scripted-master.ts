/**
 * A master that does only as a test says: it sends any headers and any body, and keeps all that comes. It stands on the
 * connection alone, so that the worker is judged by its frames on the wire.
 */
import {
  type Announce,
  type Beat,
  isOutcome,
  type JobEvent,
  type OutcomeReply,
  parseReply,
  type Reply,
} from '../../shared/contract/mod.ts'
import { connectStomp, destinationsOf, type Headers, type Incoming, type Stomp } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'
import { until } from './until.ts'

export interface ScriptedMaster extends AsyncDisposable {
  readonly stomp: Stomp
  readonly replies: (Reply & { headers: Headers })[]
  readonly presence: (Beat | Announce)[]
  readonly events: JobEvent[]
  readonly dead: { headers: Headers; body: Record<string, unknown> }[]
  /** Sends a job and gives its id. */
  send(task: string, input: unknown, more?: More): Promise<string>
  /** Sends a body as it is. */
  sendRaw(task: string, body: string, headers?: Headers): Promise<void>
  control(task: string, message: Record<string, unknown>): Promise<void>
  of(requestId: string): Reply[]
  /** Waits for the first outcome of a job. */
  outcome(requestId: string): Promise<OutcomeReply & { headers: Headers }>
}

export interface More {
  readonly mode?: 'queue' | 'topic'
  readonly headers?: Headers
  readonly body?: Record<string, unknown>
}

/** Connects one that reads the namespace's shared reply queue, its dead letters, and all messages about the tasks. */
export async function scriptMaster(url: string, namespace: string, tasks: readonly string[]): Promise<ScriptedMaster> {
  const stomp = connectStomp({ url, namespace, createSocket: createNodeSocket })
  const to = destinationsOf(namespace)
  const replies: (Reply & { headers: Headers })[] = []
  const presence: (Beat | Announce)[] = []
  const events: JobEvent[] = []
  const dead: { headers: Headers; body: Record<string, unknown> }[] = []
  const read = (destination: string, take: (incoming: Incoming) => void): Promise<void> =>
    stomp.subscribe({ destination }, incoming => {
      incoming.ack()
      take(incoming)
    }).ready
  await read(to.reply, ({ body, headers }) => replies.push({ ...parseReply(body)!, headers }))
  await read(to.dead, ({ body, headers }) => dead.push({ headers, body: JSON.parse(body) }))
  for (const task of tasks) {
    await read(to.presence(task), ({ body }) => presence.push(JSON.parse(body)))
    await read(to.events(task), ({ body }) => events.push(JSON.parse(body)))
  }
  const of = (requestId: string) => replies.filter(reply => reply.request_id === requestId)
  return {
    stomp,
    replies,
    presence,
    events,
    dead,
    of,
    async send(task, input, { mode = 'queue', headers = {}, body = {} } = {}) {
      const request_id = String(body.request_id ?? crypto.randomUUID())
      await stomp.publish({
        destination: to[mode](task),
        headers: { persistent: 'true', ...headers },
        body: JSON.stringify({ request_id, task, input, ...body }),
      })
      return request_id
    },
    sendRaw: (task, body, headers = {}) => stomp.publish({ destination: to.queue(task), headers, body }),
    control: (task, message) => stomp.publish({ destination: to.control(task), body: JSON.stringify(message) }),
    outcome: requestId =>
      until(
        `job ${requestId} has an outcome`,
        () => of(requestId).find(one => isOutcome(one)) as (OutcomeReply & { headers: Headers }) | undefined,
        { evidence: () => JSON.stringify(of(requestId)) },
      ),
    [Symbol.asyncDispose]: () => stomp.close(),
  }
}
