/** The CPU time of another process as the kernel counts it, all its threads together; on Linux. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time that the threads of a process have used so far, in us. */
export function cpuMicrosOf(pid: number): number {
  const threads = `/proc/${pid}/task`
  let nanos = 0
  for (const thread of readdirSync(threads)) {
    nanos += Number(readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')[0])
  }
  return nanos / 1000
}

/** CPU time that a process has used so far, in ms, by 10. It has that of threads that ended too, as those of Java do. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  return (user + system) * 10
}
