/** Faults of a certificate are said in a sentence, on Node and on Deno, over wss:// as over stomp+ssl://. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { drover, Program } from '../support/cli/program.ts'

const file = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url))

async function onDeno(args: readonly string[], env: Record<string, string>) {
  await using program = new Program(['deno', 'run', '--quiet', '-A', 'cli/main.ts', ...args], { env })
  return await program.ended
}

test.for([
  [
    'of an unknown authority',
    'cert.pem',
    undefined,
    '127.0.0.1',
    /unable to verify the first certificate/,
    /UnknownIssuer/,
  ],
  [
    'of another name',
    'cert.pem',
    'ca.pem',
    '127.0.0.2',
    /does not match certificate's altnames: IP: 127\.0\.0\.2 /,
    /NotValidForName|not valid for name/,
  ],
  ['that has expired', 'expired-cert.pem', 'expired-ca.pem', '127.0.0.1', /certificate has expired/, /expired/i],
] as const)('a certificate %s', async ([, cert, ca, host, node, deno]) => {
  const server = createServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file(cert)) })
  server.on('tlsClientError', () => {})
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const ask = async (scheme: string) => {
      const args = ['dispatch', 'host.facts', '--url', `${scheme}://${host}:${port}/stomp`]
      const trusted = ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: file(ca), DENO_CERT: file(ca) }
      const ended = await Promise.all([drover(args, { env: trusted }), onDeno(args, trusted)])
      expect(ended).toMatchObject([{ code: 1 }, { code: 1 }])
      for (const { stderr } of ended)
        expect(stderr).toMatch(/^drover: Cannot reach \S+: .*; check its certificate and the name in the address .*\n$/)
      expect(ended.map(({ stderr }) => stderr)).toEqual([node, deno].map(found => expect.stringMatching(found)))
    }
    await Promise.all(['wss', 'stomp+ssl'].map(ask))
  } finally {
    server.close()
  }
})
