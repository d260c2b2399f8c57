/**
 * Has V8 collect the buffers that sockets read into. Node takes new memory for each read. V8 by itself lets 64 MiB of that become
 * garbage, and then often looks through its whole heap. A collection of young objects alone takes about a millisecond, and frees
 * them as well.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const dueBytes = 4 * 1024 * 1024

let readBytes = 0
let isDue = false
let collectYoung: (() => void) | undefined

/** To be called with each piece that came. After 4 MiB of them the garbage of the process is collected. */
export function countRead({ length }: Uint8Array): void {
  readBytes += length
  if (readBytes < dueBytes || isDue) return
  isDue = true
  // Behind the work that still holds those pieces
  setImmediate(collect)
}

function collect(): void {
  isDue = false
  readBytes = 0
  collectYoung ??= youngCollector()
  collectYoung()
}

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
