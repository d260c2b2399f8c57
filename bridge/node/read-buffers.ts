/**
 * Has V8 collect the buffers that sockets read into. Node takes new memory for each read. V8 by itself lets that become garbage
 * until it has to look through its whole heap, which takes 50 ms and more. A collection of young objects alone takes half a
 * millisecond, and frees them as well.
 */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Before V8 begins to look through its heap, which it does after some 8 MiB. */
const leastDue = 3 * 1024 * 1024
/** That is as good as never. */
const mostDue = 64 * 1024 * 1024
/** V8 frees the buffers beside the program. */
const freedMs = 10
/** A larger message came in several reads, and `ws` has joined them. */
const largestRead = 65_536

let due = leastDue
let readBytes = 0
let isDue = false
let collectYoung: (() => void) | undefined

/** To be called with each piece that came. After some MiB of them the garbage of the process is collected. */
export function countRead({ length }: Uint8Array): void {
  readBytes += length > largestRead ? 2 * length : length
  if (readBytes < due || isDue) return
  isDue = true
  // Behind the work that still holds those pieces
  setImmediate(collect)
}

function collect(): void {
  isDue = false
  readBytes = 0
  try {
    collectYoung ??= youngCollector()
  } catch {
    // A runtime that cannot be asked to does it by itself
    due = Number.POSITIVE_INFINITY
    return
  }
  const before = bufferBytes()
  collectYoung()
  setTimeout(judge, freedMs, before).unref()
}

/** Where large bodies of several sessions are on their way, a collection makes them old too soon: then it comes more rarely. */
function judge(before: number): void {
  const freed = before - (bufferBytes() - readBytes)
  due = freed < due / 3 ? Math.min(mostDue, due * 2) : Math.max(leastDue, due * 0.7)
}

const bufferBytes = (): number => process.memoryUsage().arrayBuffers

type Collect = (options: { type: 'minor' }) => void

function youngCollector(): () => void {
  const { gc = hiddenCollector() } = globalThis as { gc?: Collect }
  return () => gc({ type: 'minor' })
}

/** Node shows it to programs that were started with `--expose-gc`. A new context has it once V8 was told so. */
function hiddenCollector(): Collect {
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as Collect
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
