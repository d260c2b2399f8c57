/** Workers as far as presence goes: they beat, and announce themselves when they are asked, as real ones do. */
import { randomUUID } from 'node:crypto'
import { type Connection, openSession, subscribe } from '../load.ts'

export interface BeatingWorker {
  /** @param afterMs when its first beat is due */
  become(load: 'silent' | 'idle' | 'busy', afterMs: number): void
  close(): void
}

/** @param url of the broker, with its login */
export async function startWorker(
  url: string,
  { n, tasks, intervalMs }: { readonly n: number; readonly tasks: readonly string[]; readonly intervalMs: number },
): Promise<BeatingWorker> {
  const { username: login, password: passcode } = new URL(url)
  const connection: Connection = await openSession(url, { login, passcode })
  for (const [id, task] of tasks.entries()) {
    await subscribe(connection, `/topic/myapp.control.${task}`, { id: String(id), ack: 'auto' })
  }
  const workerId = randomUUID()
  const startedAt = Date.now()
  let processed = 0
  let isBusy = false
  const beat = (): object => ({
    v: 1,
    type: 'beat',
    worker_id: workerId,
    name: `worker-${n}`,
    state: isBusy ? 'busy' : 'idle',
    concurrency: 4,
    active: isBusy ? processed % 5 : 0,
    processed,
    failed: 0,
    at: Date.now(),
    interval_ms: intervalMs,
  })
  const send = (task: string, words: object): void =>
    connection.send(
      `SEND\ndestination:/topic/myapp.workers.${task}\ncontent-type:application/json\npersistent:false\n\n${JSON.stringify(words)}\0`,
    )
  const announce = (): void => {
    for (const task of tasks)
      send(task, {
        ...beat(),
        type: 'announce',
        task,
        input_schema: { type: 'object', properties: { path: { type: 'string' }, width: { type: 'integer' } } },
        runtime: 'node 24.21.0',
        host: 'bench',
        started_at: startedAt,
        features: ['cancel', 'partial', 'progress', 'state', 'named'],
        connection: 1,
      })
  }
  let soon: NodeJS.Timeout | undefined
  connection.onFrames = (_count, bytes) => {
    if (!bytes.includes('"ping"')) return
    soon ??= setTimeout(() => {
      soon = undefined
      announce()
    }, 1_000)
  }
  let timer: NodeJS.Timeout | undefined
  announce()
  return {
    become(load, afterMs) {
      clearTimeout(timer)
      isBusy = load === 'busy'
      if (load === 'silent') return
      const next = (): void => {
        timer = setTimeout(next, intervalMs)
        if (isBusy) processed++
        for (const task of tasks) send(task, beat())
      }
      timer = setTimeout(next, afterMs)
    },
    close() {
      clearTimeout(timer)
      clearTimeout(soon)
      connection.close()
    },
  }
}
