import * as os from 'node:os'
import process from 'node:process'
import { implement } from 'drover/worker'
import { hostFacts } from './definitions.ts'
import { runtimeName } from './runtime.ts'

/** Answers with the machine that this worker runs on. */
export default implement(hostFacts, async () => {
  const cpus = os.cpus()
  return {
    hostname: os.hostname(),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    cpus: cpus.length,
    cpu_model: cpus[0]?.model.trim() ?? '',
    memory_bytes: os.totalmem(),
    free_memory_bytes: os.freemem(),
    load_1m: os.loadavg()[0] ?? 0,
    uptime_ms: Math.round(os.uptime() * 1000),
    runtime: runtimeName(),
    pid: process.pid,
    process_uptime_ms: Math.round(process.uptime() * 1000),
  }
})
