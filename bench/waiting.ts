/** Fills a queue of a store, or loads one, as a process of its own, whose memory is measured. Prints one JSON object. */
import { createEmbeddedBroker } from '../broker/mod.ts'
import { openStore } from '../broker/store/node.ts'
import { FrameScanner } from '../shared/frames/mod.ts'
import { sendFrame } from './load.ts'

const [, , what, file, count = '0'] = process.argv
if (file === undefined || (what !== 'fill' && what !== 'load'))
  throw new Error('Call it with fill or load, file, count')
const startedAt = performance.now()
await using broker = createEmbeddedBroker({ store: openStore(file) })
const loadedMs = performance.now() - startedAt
if (what === 'fill') await fill(Number(count))
const { waiting = 0 } = broker.stats().queues[0] ?? {}
globalThis.gc?.()
const tookMs = performance.now() - startedAt
console.log(JSON.stringify({ loadedMs, tookMs, waiting, rssMiB: process.memoryUsage().rss / 1_048_576 }))

async function fill(messages: number): Promise<void> {
  const scanner = new FrameScanner()
  let wake = (): void => {}
  const link = await broker.connect({
    bytes(chunk) {
      for (const { command } of scanner.push(chunk)) {
        if (command === 'ERROR') throw new Error('The broker refused a message')
        wake()
      }
    },
    drained() {},
    closed() {},
  })
  const answered = () => new Promise<void>(resolve => (wake = resolve))
  let answer = answered()
  link.send(Buffer.from('CONNECT\naccept-version:1.2\nlogin:foo\npasscode:bar\n\n\0'))
  await answer
  const frame = sendFrame('/queue/myapp.tasks.bench', 1_024)
  const last = sendFrame('/queue/myapp.tasks.bench', 1_024, { receipt: 'r' })
  for (let sent = 1; sent <= messages; sent++) {
    if (sent % 1_000 !== 0) link.send(frame.slice())
    else {
      answer = answered()
      link.send(last.slice())
      await answer
    }
  }
}
