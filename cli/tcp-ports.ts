import { createConnection, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { DroverError } from 'drover/contract'

/**
 * Sees that a port of this machine can be listened on, so that a start fails with one clear line.
 * @param port 0 is always free
 * @param setting the variable or option that moves it
 * @throws {DroverError} `port_taken`
 */
export async function checkPortIsFree(port: number, setting: string, hostname = '127.0.0.1'): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, hostname, resolve)
    })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const what = code === 'EACCES' ? 'may not be used by this user' : 'is taken by another program'
    const other = port < 64_000 ? port + 1000 : port - 1000
    const message = `Port ${port} ${what}; end that program, or set ${setting}, for example ${setting}=${other}`
    throw new DroverError('port_taken', message, { cause })
  }
  await new Promise(resolve => server.close(resolve))
}

/** Resolves when something accepts connections on the port; rejects with the signal's reason. */
export async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  while (!(await isListening(port))) await wait(100, undefined, { signal })
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true)).once('error', end(false))
  })
}
