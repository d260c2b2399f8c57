/**
 * The files of TLS, read by Node's modules, which Deno has too.
 * They are looked at before each connection, so that a certificate which was renewed counts from the next one on.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { DroverError } from '../../contract/errors.ts'
import { readAddress } from './address.ts'
import type { TlsMaterial, TlsOptions, TlsSource } from './tls-options.ts'

/** How people give each, beside its name in code. */
const options = {
  ca: '--tls-ca',
  cert: '--tls-cert',
  key: '--tls-key',
  keyPassphrase: 'DROVER_TLS_KEY_PASSPHRASE',
  serverName: '--tls-server-name',
} as const
type Field = keyof typeof options

const said = (field: Field): string => `${field} (${options[field]})`
const wrong = (message: string, cause?: unknown): DroverError =>
  new DroverError('config_invalid', `TLS to the broker: ${message}`, { cause })

/**
 * Reads all that options name, and checks that it fits together.
 * @param address of the broker or bridge
 * @returns `undefined` where nothing is given. Files that are changed and do not fit each other, as while they are replaced,
 * count once they do
 * @throws {DroverError} `config_invalid`; no key and no passphrase is in it
 */
export function readTls(given: TlsOptions | undefined, address: string | URL): TlsSource | undefined {
  const tls = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as TlsOptions
  const fields = Object.keys(tls) as Field[]
  if (fields.length === 0) return undefined
  const { protocol } = readAddress(address).url
  if (protocol !== 'stomp+ssl:' && protocol !== 'wss:') {
    throw wrong(
      `${fields.map(said).join(', ')} would do nothing, since ${protocol}// has no TLS; take ${protocol === 'ws:' ? 'wss:' : 'stomp+ssl:'}//, or leave that out`,
    )
  }
  for (const field of fields)
    if (tls[field] === '') throw wrong(`${said(field)} is empty; give it a value, or leave it out`)
  if (tls.cert !== undefined && tls.key === undefined) throw wrong(`${said('cert')} needs ${said('key')} beside it`)
  if (tls.key !== undefined && tls.cert === undefined) throw wrong(`${said('key')} needs ${said('cert')} beside it`)
  if (tls.keyPassphrase !== undefined && tls.key === undefined)
    throw wrong(`${said('keyPassphrase')} opens ${said('key')}, which is not given`)
  if (tls.serverName !== undefined && (isIP(tls.serverName) !== 0 || !/^[\w.-]+$/.test(tls.serverName)))
    throw wrong(
      `${said('serverName')} is ${JSON.stringify(tls.serverName)}; expected the name of a host, such as broker.example`,
    )
  let state = stateOf(tls)
  let material = load(tls)
  return () => {
    try {
      const now = stateOf(tls)
      if (now === state) return material
      material = load(tls)
      state = now
    } catch {
      // In the middle of a change: those of before count until all fit
    }
    return material
  }
}

const isPem = (text: string): boolean => text.includes('-----BEGIN ')
const named = ['ca', 'cert', 'key'] as const

/** Differs once a file is another one. */
function stateOf(tls: TlsOptions): string {
  return named
    .map(field => {
      const path = tls[field]
      const found = path === undefined || isPem(path) ? undefined : statSync(path, { throwIfNoEntry: false })
      return found && `${found.ino} ${found.size} ${found.mtimeMs}`
    })
    .join()
}

function load(tls: TlsOptions): TlsMaterial {
  const read = (field: (typeof named)[number]): string | undefined => {
    const given = tls[field]
    if (given === undefined || isPem(given)) return given
    try {
      return readFileSync(given, 'utf8')
    } catch (cause) {
      throw wrong(`${said(field)} cannot be read: ${(cause as Error).message}`, cause)
    }
  }
  const [ca, cert, key] = named.map(read)
  const where = (field: (typeof named)[number]): string => (isPem(tls[field]!) ? 'the text' : tls[field]!)
  if (ca !== undefined) certificatesOf(ca, `${said('ca')}: ${where('ca')}`)
  if (cert !== undefined) {
    const [own] = certificatesOf(cert, `${said('cert')}: ${where('cert')}`)
    const opened = openKey(key!, tls.keyPassphrase, `${said('key')}: ${where('key')}`)
    if (!own!.checkPrivateKey(opened))
      throw wrong(`${said('key')}: ${where('key')} is not the key of the certificate in ${where('cert')}`)
  }
  const { keyPassphrase: passphrase, serverName: servername } = tls
  const material = Object.fromEntries(
    Object.entries({ ca, cert, key, passphrase, servername }).filter(([, value]) => value !== undefined),
  ) as TlsMaterial
  // Made once for all connections
  return Object.assign(material, { secureContext: createSecureContext(material) })
}

/** @throws {DroverError} `config_invalid` where there is none, or one that cannot be read */
function certificatesOf(pem: string, what: string): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw wrong(`${what} has no certificate in PEM; expected -----BEGIN CERTIFICATE-----`)
  return found.map((text, at) => {
    try {
      return new X509Certificate(text)
    } catch (cause) {
      throw wrong(`${what} has a certificate that cannot be read, number ${at + 1}`, cause)
    }
  })
}

function openKey(key: string, passphrase: string | undefined, what: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    throw wrong(`${what} has no private key in PEM; expected -----BEGIN PRIVATE KEY-----`)
  if (/ENCRYPTED/.test(key) && passphrase === undefined)
    throw wrong(`${what} is encrypted; give its passphrase by ${said('keyPassphrase')}`)
  try {
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase })
  } catch (cause) {
    const how = passphrase === undefined ? '' : ' by the passphrase that is given'
    throw wrong(`${what} has a key that cannot be read${how}`, cause)
  }
}
