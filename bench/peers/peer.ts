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
}

/** Starts a script of this folder that calls `serve`. */
export async function startPeer(script: string, settings: Record<string, string>): Promise<Peer> {
  const child = fork(new URL(script, import.meta.url), {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { url } = await ask<{ url: string }>(child)
  return {
    url,
    pid: child.pid!,
    async cpuMs() {
      child.send('cpu')
      return (await ask<{ cpuMs: number }>(child)).cpuMs
    },
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

/** In the peer's process: says where it listens, then answers questions on its CPU time. */
export function serve(url: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMs: (user + system) / 1000 })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
