/** The port of `crypto.ts` as the platform has it: `jose` on Web Crypto. */
import { CompactSign, compactVerify, FlattenedEncrypt, flattenedDecrypt, GeneralEncrypt, importJWK } from 'jose'
import type { SealCrypto, SealKey } from './crypto.ts'
import type { Sealed } from './sealed.ts'

const contentEncryption = 'A256GCM'

export const joseCrypto: SealCrypto = {
  random: bytes => crypto.getRandomValues(new Uint8Array(bytes)),

  async importKey(jwk, use) {
    if (jwk.kty === 'oct') {
      const raw = (await importJWK({ ...jwk }, 'A256KW')) as Uint8Array<ArrayBuffer>
      return crypto.subtle.importKey('raw', raw, 'AES-KW', false, ['wrapKey', 'unwrapKey'])
    }
    const { d: _, key_ops: __, ext: ___, use: ____, ...open } = jwk
    const isPublic = use === 'seal' || use === 'verify'
    const own = isPublic ? open : { ...open, d: jwk.d }
    return (await importJWK(own, String(jwk.alg), { extractable: false })) as SealKey
  },

  async encrypt(plaintext, header, recipients) {
    const [first, ...others] = recipients
    if (others.length === 0) {
      const { alg, kid, key } = first!
      const one = new FlattenedEncrypt(plaintext).setProtectedHeader({ ...header, alg, kid, enc: contentEncryption })
      return (await one.encrypt(key)) as Sealed
    }
    const general = new GeneralEncrypt(plaintext).setProtectedHeader({ ...header, enc: contentEncryption })
    for (const { alg, kid, key } of recipients) general.addRecipient(key).setUnprotectedHeader({ alg, kid })
    return (await general.encrypt()) as Sealed
  },

  async decrypt(sealed, { kid, alg, key }) {
    const { recipients, protected: header, iv, ciphertext, tag } = sealed
    const recipient = recipients?.find(one => one.header?.kid === kid) ?? sealed
    const { plaintext } = await flattenedDecrypt(
      {
        protected: header,
        iv,
        ciphertext,
        tag,
        ...given('header', recipient.header),
        ...given('encrypted_key', recipient.encrypted_key),
      },
      key,
      { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [contentEncryption] },
    )
    return plaintext
  },

  sign: (payload, header, alg, key) => new CompactSign(payload).setProtectedHeader({ ...header, alg }).sign(key),

  verify: async (jws, alg, key) => (await compactVerify(jws, key, { algorithms: [alg] })).payload,
}

const given = <Name extends string, Value>(name: Name, value: Value | undefined): { [name in Name]?: Value } =>
  value === undefined ? {} : ({ [name]: value } as { [name in Name]: Value })
