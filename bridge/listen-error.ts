/** Why a server cannot listen, in one set of words for every runtime and transport. */
import { DroverError } from '../shared/contract/errors.ts'

/** @param isTaken another program has the port */
export function listenError(cause: Error, hostname: string, port: number, isTaken: boolean): DroverError {
  if (!isTaken)
    return new DroverError('config_invalid', `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause })
  const message = `Port ${port} on ${hostname} is taken by another program; end it or choose another port`
  return new DroverError('port_taken', message, { cause })
}
