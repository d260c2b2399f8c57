/** A connection to a scripted peer, on fake timers. */
import { vi } from 'vitest'
import { type ConnectOptions, connectStomp, type Stomp } from '../../shared/stomp/mod.ts'
import { FakePeer } from './fake-peer.ts'

/** Runs all that is due within `ms`, promises included. */
export const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

/** A connection to a scripted peer; it waits for half of each bound. */
export async function start(options: Partial<ConnectOptions> = {}): Promise<{ stomp: Stomp; peer: FakePeer }> {
  const peer = new FakePeer()
  const stomp = connectStomp({
    url: 'wss://foo:bar@jobs.example/stomp',
    createSocket: peer.createSocket,
    random: () => 0.5,
    ...options,
  })
  await pass()
  return { stomp, peer }
}

export async function open(
  options: Partial<ConnectOptions> = {},
  headers?: string,
): Promise<{ stomp: Stomp; peer: FakePeer }> {
  const started = await start(options)
  started.peer.socket.connect(headers)
  return started
}

export const code = (promise: Promise<unknown>): Promise<unknown> => promise.catch(error => error.code)
