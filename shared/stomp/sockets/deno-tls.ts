/** TLS on Deno by its own sockets, whose errors name the fault. Those of `node:tls` there call any fault an unknown authority. */
import { createPrivateKey } from 'node:crypto'
import { DroverError } from '../../contract/errors.ts'
import { readTls } from './node-tls.ts'
import { refusedHandshake } from './tls-advice.ts'
import type { TlsMaterial, TlsOptions, TlsSource } from './tls-options.ts'

/**
 * As `readTls`, for a TCP address on Deno.
 * @throws {DroverError} `config_invalid` also where Deno cannot do it (2.9.6)
 */
export function readDenoTls(tls: TlsOptions | undefined, address: string | URL): TlsSource | undefined {
  const source = readTls(tls, address)
  if (tls?.serverName !== undefined && tls.cert !== undefined && /^stomp/i.test(String(address))) {
    const message =
      'Deno takes no name beside a certificate of this side: use Node, or an address with the name that the certificate of the broker has, and leave out serverName (--tls-server-name)'
    throw new DroverError('config_invalid', `TLS to the broker: ${message}`)
  }
  return source
}

/** Connects, with the handshake: its errors would come with the first bytes. */
export async function openDenoTls(
  to: { readonly hostname: string; readonly port: number },
  { ca, cert, key, passphrase, servername }: TlsMaterial = {},
): Promise<Deno.TlsConn> {
  const trusted = ca === undefined ? {} : { caCerts: [ca] }
  const open = async (): Promise<Deno.TlsConn> => {
    if (cert !== undefined) return await Deno.connectTls({ ...to, ...trusted, cert, key: openKey(key!, passphrase) })
    if (servername === undefined) return await Deno.connectTls({ ...to, ...trusted })
    return await Deno.startTls(await Deno.connect(to), { hostname: servername, ...trusted })
  }
  const socket = await open()
  try {
    await socket.handshake()
    return socket
  } catch (error) {
    socket.close()
    // The alert of a server that refuses is lost where a write fails before it was read
    if (!/broken pipe|reset by peer/i.test(String(error))) throw error
    throw new Error(`${refusedHandshake} (${(error as Error).message})`, { cause: error })
  }
}

/** Deno takes open keys alone. */
const openKey = (key: string, passphrase: string | undefined): string =>
  passphrase === undefined
    ? key
    : String(createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }))
