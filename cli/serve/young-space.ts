/**
 * Bounds V8's space for young objects. By itself that grows to three times 32 MiB while many objects survive, as those of new
 * sessions do, and gives little of it back. A larger space than this one makes no message cheaper.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Of its two halves. With half of this a message took 15 % more CPU time. */
const enoughBytes = 16 * 1024 * 1024

/**
 * Lets the space grow to 16 MiB, as `--max-semi-space-size=8` does, and no further. This is a setting of the whole process, so
 * only a program calls it whose process is the bridge's. Where Node was started with sizes of its own it does nothing.
 */
export function boundYoungSpace(): void {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (/semi[-_]space/.test(options)) return
  let mayGrow = true
  // V8 reads the largest size at its start alone, and this factor each time that the space would grow
  const judge = (): void => {
    if (mayGrow === youngSpaceBytes() < enoughBytes) return
    mayGrow = !mayGrow
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
  }
  judge()
  // It grows, and shrinks, at collections only
  new PerformanceObserver(judge).observe({ entryTypes: ['gc'] })
}

const youngSpaceBytes = (): number =>
  getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0
