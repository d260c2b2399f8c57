/** An authority of a test, made by `openssl`, and certificates that it signs. All files go with the test. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Signed {
  readonly cert: string
  readonly key: string
}

export interface Authority extends Disposable {
  /** Its certificate. */
  readonly ca: string
  /** @param extension such as `subjectAltName=DNS:broker.test` */
  sign(name: string, extension?: string): Signed
  /** The same key, encrypted. */
  encrypt(key: string, passphrase: string): string
}

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'drover-tls-'))
  const [ca, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')]
  openssl(...fresh, '-keyout', caKey, '-out', ca, '-subj', '/CN=Authority of a test')
  return {
    ca,
    sign(name, extension = 'extendedKeyUsage=clientAuth') {
      const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
      const more = ['-addext', extension, '-addext', 'basicConstraints=critical,CA:FALSE']
      openssl(...fresh, '-CA', ca, '-CAkey', caKey, '-keyout', key, '-out', cert, '-subj', `/CN=${name}`, ...more)
      return { cert, key }
    },
    encrypt(key, passphrase) {
      const encrypted = `${key}.encrypted`
      openssl('pkcs8', '-topk8', '-in', key, '-out', encrypted, '-passout', `pass:${passphrase}`, '-v2', 'aes-256-cbc')
      return encrypted
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
