import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { drover } from './program.ts'

const file = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url))

test('a certificate that is not trusted, or of another name, is said over wss:// as over stomp+ssl://', async () => {
  const server = createServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) })
  server.on('tlsClientError', () => {})
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const trusted = { NODE_EXTRA_CA_CERTS: file('ca.pem') }
    for (const scheme of ['wss', 'stomp+ssl']) {
      const to = (host: string): string[] => ['dispatch', 'host.facts', '--url', `${scheme}://${host}:${port}/stomp`]
      const unknown = await drover(to('127.0.0.1'))
      expect([unknown.code, unknown.stderr]).toEqual([
        1,
        expect.stringMatching(
          /^drover: Cannot reach \S+: unable to verify the first certificate.*; check its certificate/,
        ),
      ])
      const misnamed = await drover(to('127.0.0.2'), { env: trusted })
      expect([misnamed.code, misnamed.stderr]).toEqual([
        1,
        expect.stringMatching(
          /does not match certificate's altnames: IP: 127\.0\.0\.2 .*; check its certificate and the name/,
        ),
      ])
    }
  } finally {
    server.close()
  }
})
