/** Stands in for the fault proxy where the tests run in a page: the proxy is in Node, and the page works it. */
import type { FaultProxy } from '../fault-proxy.ts'
import { ask } from './ask.ts'
import type { Opened, ProxyCall } from './serve.ts'

type PageProxy = Pick<FaultProxy, ProxyCall | 'through'> & AsyncDisposable

/** As Node's: one on a free port of loopback. */
export async function startFaultProxy(target: string): Promise<PageProxy> {
  const { id, url } = ask<Opened>({ open: 'proxy', target })
  const call = (name: ProxyCall, direction?: 'up' | 'down'): number =>
    ask({ of: id, call: name, ...(direction === undefined ? {} : { direction }) })
  return {
    get accepted() {
      return call('accepted')
    },
    through(address) {
      const changed = new URL(address)
      changed.host = new URL(url).host
      return changed.href
    },
    cut: () => void call('cut'),
    stall: direction => void call('stall', direction),
    drop: direction => void call('drop', direction),
    flow: () => void call('flow'),
    refuse: () => void call('refuse'),
    admit: () => void call('admit'),
    [Symbol.asyncDispose]: async () => void ask({ close: id }),
  }
}
