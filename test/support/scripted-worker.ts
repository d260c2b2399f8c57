/** Workers that reply as the test says, one by one, over a connection of their own. */
import { type Job, parseJob, type Reply, type WorkerState } from '../../shared/contract/mod.ts'
import { connectStomp, destinationsOf, type Incoming, prefetchHeaders, type Stomp } from '../../shared/stomp/mod.ts'
import { createSocket } from './sockets.ts'
import { until } from './until.ts'

/** A name that no other test uses. */
export const newTask = (): string => `t${crypto.randomUUID().slice(0, 8)}.work`

type Answer = Partial<Reply> & { type: Reply['type'] }

export interface Delivery {
  readonly job: Job
  readonly message: Incoming
  /** Answers with this body's fields added to those of a reply; resolves on RECEIPT. */
  reply(fields: Answer): Promise<void>
  ack(): void
}

export interface ScriptedWorker extends AsyncDisposable {
  readonly stomp: Stomp
  readonly deliveries: Delivery[]
  readonly controls: Record<string, unknown>[]
  next(): Promise<Delivery>
  control(type: string): Promise<Record<string, unknown>>
  announce(state?: WorkerState): Promise<void>
}

export interface ScriptOptions {
  readonly url: string
  readonly task: string
  readonly workerId: string
  /** Default: the worker's id. */
  readonly name?: string
  /** Whether it announces itself, at its start and at each ping. Default true. */
  readonly isPresent?: boolean
  readonly intervalMs?: number
  /** Called at each delivery instead of keeping it for `next`. */
  readonly onJob?: (delivery: Delivery) => void
}

export async function scriptWorker(options: ScriptOptions): Promise<ScriptedWorker> {
  const { url, task, workerId, name = workerId, isPresent = true, intervalMs = 5000 } = options
  const stomp = connectStomp({ url, createSocket })
  const { namespace } = await stomp.opened()
  const to = destinationsOf(namespace)
  const deliveries: Delivery[] = []
  const controls: Record<string, unknown>[] = []
  const seqs = new Map<string, number>()

  const onMessage = (message: Incoming): void => {
    const job = parseJob(message.body)
    const delivery: Delivery = {
      job,
      message,
      ack: () => message.ack(),
      async reply(fields) {
        const seq = seqs.get(job.request_id) ?? 0
        seqs.set(job.request_id, seq + 1)
        const { 'reply-to': replyTo = to.reply, 'drover-pass': pass } = message.headers
        const body = { v: 1, request_id: job.request_id, worker_id: workerId, seq, attempt: job.attempt, ...fields }
        await stomp.publish({
          destination: replyTo,
          headers: {
            'content-type': 'application/json',
            'correlation-id': job.request_id,
            persistent: 'true',
            ...(pass === undefined ? {} : { 'drover-pass': pass }),
          },
          body: JSON.stringify(body),
        })
      },
    }
    if (options.onJob) options.onJob(delivery)
    else deliveries.push(delivery)
  }
  const announce = async (state: WorkerState = 'idle'): Promise<void> => {
    await stomp.publish({
      destination: to.presence(task),
      headers: { 'content-type': 'application/json', persistent: 'false' },
      body: JSON.stringify({
        v: 1,
        type: 'announce',
        worker_id: workerId,
        name,
        state,
        concurrency: 1,
        active: 0,
        processed: 0,
        failed: 0,
        at: Date.now(),
        interval_ms: intervalMs,
        task,
        input_schema: { type: 'object' },
        runtime: 'script',
        host: 'here',
        started_at: 1,
        features: [],
      }),
    })
  }
  const subscriptions = [
    stomp.subscribe({ destination: to.control(task), ack: 'auto' }, ({ body }) => {
      const control = JSON.parse(body) as Record<string, unknown>
      controls.push(control)
      // It may be closed before the broker has taken it
      if (control.type === 'ping' && isPresent) announce().catch(() => {})
    }),
    stomp.subscribe({ destination: to.topic(task), ack: 'auto' }, onMessage),
    stomp.subscribe(
      { destination: to.queue(task), headers: ({ dialect }) => prefetchHeaders(dialect, 100) },
      onMessage,
    ),
  ]
  await Promise.all(subscriptions.map(subscription => subscription.ready))
  if (isPresent) await announce()
  return {
    stomp,
    deliveries,
    controls,
    announce,
    next: () => until(`a job of ${task} for ${workerId}`, () => deliveries.shift()),
    control: type => until(`control ${type}`, () => controls.find(control => control.type === type)),
    [Symbol.asyncDispose]: () => stomp.close(),
  }
}

/** A worker that answers each job at once. @param answer default: a result without an output */
export const answerEach = (
  url: string,
  task: string,
  answer: (input: unknown) => Answer = () => ({ type: 'result' }),
): Promise<ScriptedWorker> =>
  scriptWorker({ url, task, workerId: 'w1', onJob: ({ job, reply }) => void reply(answer(job.input)) })
