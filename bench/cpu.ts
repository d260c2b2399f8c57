/** The CPU time of another process as the kernel counts it, all its threads together; on Linux. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time that a process has used so far, in us. Its `stat` has it too, and counts by 10 ms. */
export function cpuMicrosOf(pid: number): number {
  const threads = `/proc/${pid}/task`
  let nanos = 0
  for (const thread of readdirSync(threads)) {
    nanos += Number(readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')[0])
  }
  return nanos / 1000
}
