/** The part of TCP servers and connections that is the same on every runtime. */
import { DroverError } from '../shared/contract/errors.ts'
import type { Accept } from '../shared/frames/byte-link.ts'
import { defaultPorts } from '../shared/stomp/sockets/address.ts'
import { tlsAdvice } from '../shared/stomp/sockets/tls-advice.ts'

export interface ListenOptions {
  /** Default `127.0.0.1`: this machine only. */
  readonly hostname?: string
  /** 0 for any that is free. */
  readonly port: number
  readonly accept: Accept
}

/** Something that listens. */
export interface Listener {
  readonly port: number
  /** Stops listening, and waits a little for its connections to end. Idempotent. */
  close(): Promise<void>
}

/** A peer that takes nothing any more keeps a closed connection this long, and no longer. */
export const closeMs = 5_000

/** Why a server cannot listen, in one set of words. @param isTaken another program has the port */
export function listenError(cause: Error, hostname: string, port: number, isTaken: boolean): DroverError {
  if (!isTaken)
    return new DroverError('config_invalid', `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause })
  const message = `Port ${port} on ${hostname} is taken by another program; end it or choose another port`
  return new DroverError('port_taken', message, { cause })
}

/** Where a broker is reached. */
export interface TcpAddress {
  readonly hostname: string
  readonly port: number
  readonly isTls: boolean
}

/**
 * Reads a broker's address.
 * @param url `stomp://host:port`, or `stomp+ssl://host:port` for TLS; default ports 61613 and 61614
 * @throws {DroverError} `config_invalid` for another scheme
 */
export function tcpAddressOf(url: URL): TcpAddress {
  const port = defaultPorts[url.protocol]
  if (port === undefined) {
    throw new DroverError(
      'config_invalid',
      `The broker address has the scheme "${url.protocol}"; expected was stomp: or stomp+ssl:`,
    )
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return { hostname, port: Number(url.port || port), isTls: url.protocol === 'stomp+ssl:' }
}

/** Why a broker cannot be reached. */
export function brokerUnreachable({ protocol, host }: URL, cause: Error): DroverError {
  const { said = cause.message, advice } = tlsAdvice(protocol, cause)
  const message = `No connection to ${protocol}//${host}: ${said}${advice === undefined ? '' : `; ${advice}`}`
  return new DroverError('broker_unreachable', message, { cause })
}
