/** ActiveMQ Classic for `drover dev --activemq`, as examples/activemq starts it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DroverError } from 'drover/contract'
import { packageFolder } from '../executables.ts'
import type { Output } from '../output.ts'
import type { Processes } from '../processes.ts'
import { checkPortIsFree, untilListening } from '../tcp-ports.ts'

export interface ActiveMqOptions {
  readonly processes: Processes
  readonly output: Output
  /** Of STOMP over TCP; STOMP over WebSocket gets the next one. */
  readonly port: number
  readonly signal: AbortSignal
}

/**
 * Starts it with an empty store, which goes when it ends.
 * @returns its address, with user and passcode
 * @throws {DroverError} `broker_unreachable` with its last line when it does not come up, `port_taken`
 */
export async function startActiveMq({ processes, output, port, signal }: ActiveMqOptions): Promise<string> {
  const wsPort = port + 1
  await checkPortIsFree(wsPort, `STOMP_PORT (this is the one after it)`)
  const data = await mkdtemp(join(tmpdir(), 'drover-activemq-'))
  output.event('broker', 'starting ActiveMQ Classic 6; the first time Maven downloads it, which takes a while')
  let lastLine = ''
  const started = processes.start({
    command: [join(packageFolder, 'examples/activemq/start'), data],
    env: { STOMP_PORT: `${port}`, WS_PORT: `${wsPort}` },
    onLine: line => {
      lastLine = line
      output.event('broker', line)
    },
  })
  const ended = started.ended.then(how => rm(data, { recursive: true, force: true }).then(() => how))
  const given = new AbortController()
  const died = ended.then(how => {
    throw new DroverError('broker_unreachable', `ActiveMQ did not start (${how}): ${lastLine}`)
  })
  try {
    await Promise.race([untilListening(port, AbortSignal.any([signal, given.signal])), died])
  } finally {
    given.abort()
    died.catch(() => {}) // from here on its connections tell that it went
  }
  return `stomp://foo:bar@127.0.0.1:${port}`
}
