/**
 * Works for the tests that run in Chromium, where a page has no means: it starts bridges and fault proxies, and works the
 * proxies. This side runs in Node, as Vitest's `globalSetup`; the page asks it over HTTP on loopback (`ask.ts`).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import type { FaultProxy } from '../fault-proxy.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where `ask` asks. */
    pageServerUrl: string
  }
}

/** The parts of a fault proxy that a page works. A WebSocket masks its frames, so no text is seen in them. */
export type ProxyCall = 'cut' | 'stall' | 'drop' | 'flow' | 'refuse' | 'admit' | 'accepted'

export type Question =
  | { readonly open: 'bridge' }
  | { readonly open: 'proxy'; readonly target: string }
  | { readonly of: number; readonly call: ProxyCall; readonly direction?: 'up' | 'down' }
  | { readonly close: number }

/** An opened thing, by its number. */
export interface Opened {
  readonly id: number
  readonly url: string
}

/** More than the tests of one file open. */
const proxiesPerBridge = 12

/** Starts to answer `ask`; the returned function ends everything that was opened. */
export default async function servePages(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  /** Ports of proxies before a bridge, which answers only to hosts on its list; by the bridge's own host. */
  const listed = new Map<string, number[]>()
  const open: (AsyncDisposable | undefined)[] = []

  async function answer(question: Question, origin: string): Promise<unknown> {
    if ('close' in question) {
      await open[question.close]?.[Symbol.asyncDispose]()
      open[question.close] = undefined
      return true
    }
    if ('of' in question) return callProxy(open[question.of] as FaultProxy, question.call, question.direction)
    // Loaded when a page asks: every run has this server
    if (question.open === 'bridge') {
      const { startBridge } = await import('../bridges/bridges.ts')
      const { freePorts } = await import('../free-ports.ts')
      const ports = await freePorts(proxiesPerBridge)
      const hosts = ports.map(port => `127.0.0.1:${port}`)
      const bridge = await startBridge({ broker: 'embedded', origins: [origin], hosts })
      const url = `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
      listed.set(new URL(url).host, ports)
      return { id: open.push(bridge) - 1, url } satisfies Opened
    }
    const { startFaultProxy } = await import('../fault-proxy.ts')
    const proxy = await startFaultProxy(question.target, listed.get(new URL(question.target).host)?.pop())
    return { id: open.push(proxy) - 1, url: proxy.through(question.target) } satisfies Opened
  }

  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    text(request)
      .then(asked => answer(JSON.parse(asked) as Question, request.headers.origin ?? ''))
      .then(
        answered => response.end(JSON.stringify(answered)),
        error => response.writeHead(500).end(String(error)),
      )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  project.provide('pageServerUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await Promise.allSettled(open.map(async one => await one?.[Symbol.asyncDispose]()))
  }
}

function callProxy(proxy: FaultProxy, call: ProxyCall, direction: 'up' | 'down' = 'down'): number {
  if (call === 'stall' || call === 'drop') proxy[call](direction)
  else if (call !== 'accepted') proxy[call]()
  return proxy.accepted
}
