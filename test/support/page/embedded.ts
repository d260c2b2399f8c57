/** Stands in for `brokers/embedded.ts` in a page, which reaches the embedded broker by the WebSocket of a bridge. */
import { afterAll, beforeAll } from 'vitest'
import { ask } from './ask.ts'
import type { Opened } from './serve.ts'

/** One for all tests of a file; its address is there once they run. */
export function setUpEmbedded(): { readonly url: string; readonly isBridged: boolean } {
  let bridge: Opened
  beforeAll(() => {
    bridge = ask<Opened>({ open: 'bridge' })
  })
  afterAll(() => ask({ close: bridge.id }))
  return {
    get url() {
      return bridge.url
    },
    isBridged: true,
  }
}
