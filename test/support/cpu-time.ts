/** How long a part of a test computes. Time that the machine gives to others does not count. */
import process from 'node:process'

/** Starts to count. @returns the CPU time of this process since then, in ms */
export function startCpuTime(): () => number {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}
