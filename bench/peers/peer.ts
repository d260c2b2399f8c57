/** Peers under measurement run in processes of their own, so that their CPU time is theirs alone. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface Peer extends AsyncDisposable {
  /** Where it takes connections. */
  readonly url: string
  /** Of its process. */
  readonly pid: number
  /** CPU time that its process has used so far, in ms. */
  cpuMs(): Promise<number>
  /** Bytes of its process that are in memory. */
  residentBytes(): Promise<number>
  /** Bytes of its objects and of its buffers after a collection, which it makes. */
  liveBytes(): Promise<number>
}

type Question = 'cpu' | 'resident' | 'live'

/** Starts a script of this folder that calls `serve`. */
export async function startPeer(script: string, settings: Record<string, string>): Promise<Peer> {
  const child = fork(new URL(script, import.meta.url), {
    env: { ...process.env, ...settings },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { url } = await ask<{ url: string }>(child)
  const figure = async (question: Question): Promise<number> => {
    child.send(question)
    return (await ask<{ figure: number }>(child)).figure
  }
  return {
    url,
    pid: child.pid!,
    cpuMs: () => figure('cpu'),
    residentBytes: () => figure('resident'),
    liveBytes: () => figure('live'),
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function ask<T>(child: ChildProcess): Promise<T> {
  const gone = new AbortController()
  const ended = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`A measured process ended with code ${code}; its output is above`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: gone.signal }), ended])
    return message as T
  } finally {
    ended.catch(() => undefined)
    gone.abort()
  }
}

const answers: Record<Question, () => number> = {
  cpu() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  resident: () => process.memoryUsage.rss(),
  live() {
    // Twice, since the first one only lets go of some
    globalThis.gc?.()
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
}

/** In the peer's process: says where it listens, then answers questions on its CPU time and memory. */
export function serve(url: string): void {
  process.on('message', (question: Question) => void process.send?.({ figure: answers[question]() }))
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
