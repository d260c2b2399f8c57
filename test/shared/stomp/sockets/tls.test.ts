/** TLS of one's own to a real TLS server before a broker and before a bridge, on Node and Deno: all that goes well, and each fault. */
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TlsOptions } from '../../../../shared/stomp/sockets/tls-options.ts'
import { bridgeDefaults, startBridge } from '../../../support/bridges/bridges.ts'
import { makeAuthority, type Signed } from '../../../support/tls/authority.ts'
import { type FrontOptions, startTlsFront } from '../../../support/tls/front.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('open-by-tls.ts', import.meta.url))
const fixed = (name: string): string => fileURLToPath(new URL(`../../../support/tls/${name}`, import.meta.url))

const stack = new AsyncDisposableStack()
const authority = stack.use(makeAuthority())
const strangers = stack.use(makeAuthority())
const { ca } = authority
const server = authority.sign('server', 'subjectAltName=IP:127.0.0.1')
const named = authority.sign('named', 'subjectAltName=DNS:broker.test')
const client = authority.sign('client')
const locked = { cert: client.cert, key: authority.encrypt(client.key, 'phr4se'), keyPassphrase: 'phr4se' }
const stranger = strangers.sign('stranger')

/** Asks for a certificate, and says why it does not take one, as brokers do and Node's own server does not. */
async function startStrictServer() {
  const files = ['-cert', server.cert, '-key', server.key, '-CAfile', ca]
  const how = ['-accept', '127.0.0.1:0', '-Verify', '1', '-verify_return_error']
  const process = spawn('openssl', ['s_server', ...how, ...files])
  for await (const line of createInterface(process.stdout)) {
    const [, port] = /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line) ?? []
    if (port !== undefined) return { port: Number(port), [Symbol.dispose]: () => void process.kill() }
  }
  throw new Error('openssl s_server did not say where it listens')
}

interface Case {
  readonly url: string
  readonly tls?: TlsOptions
  readonly expected: RegExp
  /** On Deno, where that is something else. */
  readonly deno?: RegExp
}
const cases: Record<string, Case> = {}
const unknown = /certificate.*; check its certificate .*--tls-ca/
beforeAll(async () => {
  const options = { broker: 'embedded' }
  const bridge = stack.use(await startBridge(options))
  const strict = stack.use(await startStrictServer())
  const ports = { 'stomp+ssl': Number(new URL(bridge.stompUrl!).port), wss: Number(new URL(bridge.url).port) }
  const hosts: string[] = []
  for (const [scheme, target] of Object.entries(ports)) {
    const isStomp = scheme === 'stomp+ssl'
    const at = (port: number, by = scheme) => `${by}://foo:bar@127.0.0.1:${port}/${isStomp ? '' : 'stomp'}`
    const front = async (...[signed, more]: [Signed, FrontOptions?]): Promise<string> => {
      const { port } = stack.use(await startTlsFront(target, signed, more))
      hosts.push(`127.0.0.1:${port}`)
      return at(port)
    }
    const open = await front(server)
    const mutual = await front(server, { clients: ca })
    const older = await front(server, { clients: ca, maxVersion: 'TLSv1.2' })
    const other = await front(named)
    const expired = await front({ cert: fixed('expired-cert.pem'), key: fixed('key.pem') })
    const add = (name: string, url: string, tls: TlsOptions | undefined, expected: RegExp, deno = expected) => {
      cases[`${scheme}, ${name}`] = { url, ...(tls && { tls }), expected, deno }
    }
    add('its authority', open, { ca }, /^open$/)
    add('its authority, and a certificate', mutual, { ca, ...client }, /^open$/)
    add('an encrypted key', mutual, { ca, ...locked }, /^open$/)
    add('a certificate by TLS 1.2', older, { ca, ...client }, /^open$/)
    add('another name', other, { ca, serverName: 'broker.test' }, /^open$/)
    const both = { ca, ...client, serverName: 'broker.test' }
    add('another name beside a certificate', other, both, /^open$/, isStomp ? /Deno takes no name beside/ : /^open$/)
    add('no certificate', mutual, { ca }, /: the server there asks for a certificate of this side; .*--tls-cert/)
    add('no certificate by TLS 1.2', older, { ca }, /(refused the handshake|asks for a certificate).*--tls-cert/)
    const notTaken = /: the server there does not take the certificate of this side \(.*unknown.?ca\)/i
    add('a certificate of strangers', at(strict.port), { ca, ...stranger }, notTaken)
    const silent = isStomp ? /as a broker also does that does not take the certificate of this side/ : /^Cannot reach/
    add('a certificate of strangers, and no word', mutual, { ca, ...stranger }, silent)
    add('another authority', open, { ca: strangers.ca }, unknown)
    add('the usual authorities', open, undefined, unknown)
    const otherName = /; check its certificate and the name in the address \(.*--tls-server-name/
    add('a name that it has not', other, { ca }, otherName)
    const isOver = /expired.*; check .*has to be renewed there/i
    // Deno's `node:tls` tells no more
    add('an old certificate', expired, { ca: fixed('expired-ca.pem') }, isOver, isStomp ? isOver : unknown)
    const noTls = /the server there (does not speak TLS; check the port|ended the connection before TLS had begun)/
    add('TLS to a port without', at(target), { ca }, noTls)
    const plain = open.replace(scheme, isStomp ? 'stomp' : 'ws')
    const silentEnd = isStomp ? /a port with TLS also does, where stomp\+ssl: is meant/ : /check that it runs/
    add('no TLS to a port with', plain, undefined, silentEnd)
  }
  bridge.reload({ ...bridgeDefaults, ...options, hosts })
}, 60_000)
afterAll(() => stack.disposeAsync())

test.for([
  ['node', [process.execPath]],
  ['deno', ['deno', 'run', '--quiet', '-A']],
] as const)('on %s', async ([runtime, [command, ...args]]) => {
  const asked = JSON.stringify(Object.values(cases).map(({ url, tls }) => ({ url, tls })))
  const { stdout, stderr } = await run(command, [...args, script, asked])
  const told = JSON.parse(stdout) as string[]
  expect(Object.fromEntries(Object.keys(cases).map((name, at) => [name, told[at]]))).toEqual(
    Object.fromEntries(
      Object.entries(cases).map(([name, { expected, deno = expected }]) => [
        name,
        expect.stringMatching(runtime === 'deno' ? deno : expected),
      ]),
    ),
  )
  expect(`${stdout}${stderr}`).not.toMatch(/phr4se|PRIVATE|:bar@/)
})
