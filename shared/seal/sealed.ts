/**
 * A sealed body: a JWE in JSON (RFC 7516, section 7.2), of which only the keys' names can be read on the way. It stands in a job
 * in the place of `input`, and in a reply in the place of its payload. docs/protocol.md, "Sealed jobs".
 */
import * as z from 'zod/mini'
import { DroverError } from '../contract/errors.ts'
import { toIssues } from '../contract/read-message.ts'

/** Names a key, and has the key of the content in it, encrypted for that one. */
export interface SealedRecipient {
  header?: Record<string, unknown> | undefined
  encrypted_key?: string | undefined
}

/** One recipient is written flat, several as `recipients`. */
export interface Sealed extends SealedRecipient {
  protected: string
  recipients?: SealedRecipient[] | undefined
  iv: string
  ciphertext: string
  tag: string
}

/** Characters of a protected header: Drover's own has at most some 900, with the longest names. */
const maxHeader = 4_096
const maxRecipients = 100

/** Of A256GCM, in characters: 12 and 16 bytes. */
const ivLength = 16
const tagLength = 22

const base64url = (most: number, least = 0): z.ZodMiniString =>
  z
    .string()
    .check(z.minLength(least), z.maxLength(most), z.regex(/^[A-Za-z0-9_-]*$/, 'expected base64url without padding'))
const recipient = {
  header: z.optional(z.looseObject({})),
  encrypted_key: z.optional(base64url(512)),
}

const Shape: z.ZodMiniType<Sealed> = z.toZod<Sealed>()(
  z.object({
    ...recipient,
    protected: base64url(maxHeader),
    recipients: z.optional(z.array(z.object(recipient)).check(z.minLength(1), z.maxLength(maxRecipients))),
    iv: base64url(ivLength, ivLength),
    ciphertext: base64url(Number.MAX_SAFE_INTEGER),
    tag: base64url(tagLength, tagLength),
  }),
)

/**
 * Reads the `sealed` of a message.
 * @throws {DroverError} `seal_refused` for a value that is no JWE in JSON
 */
export function readSealed(json: unknown): Sealed {
  const read = Shape.safeParse(json)
  if (read.success) return read.data
  const [{ path, message } = { path: '', message: '' }] = toIssues(read.error.issues)
  const where = path === '' ? '' : ` at "${path.slice(0, 100)}"`
  throw new DroverError('seal_refused', `This sealed body is no JWE in JSON${where}: ${message}`)
}
