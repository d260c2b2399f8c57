/** Login and passcode as CONNECT carries them. */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { escapeHeaders } from './escape.ts'

interface Credentials {
  readonly login?: string | undefined
  readonly passcode?: string | undefined
  /** The virtual host. */
  readonly host?: string | undefined
}

/**
 * A token is not a header's worth more than a line: anything else could add headers to CONNECT, which escapes nothing.
 * @param token the function that gives one, where there is one
 * @throws {DroverError} `config_invalid`
 */
export function checkCredentials(
  credentials: { login?: string | undefined; passcode?: unknown; host?: unknown },
  token?: unknown,
): void {
  if (token !== undefined && typeof token !== 'function') {
    throw new DroverError('config_invalid', `token is a ${typeof token}; expected a function that gives the token`)
  }
  for (const [name, value] of Object.entries(credentials)) {
    if (value === undefined || isOneLine(value)) continue
    throw new DroverError('config_invalid', `The ${name} cannot be sent: expected a text without line breaks`)
  }
}

const isOneLine = (value: unknown): boolean => typeof value === 'string' && !/[\n\r\0]/.test(value)

/**
 * Checks the value of a token function. A wrong one is no fault for good: mended code, or another answer of its server, may give
 * another.
 * @returns for a value that cannot be sent an error with its kind and the expected one, without the token
 */
export function wrongToken(token: unknown): DroverError | undefined {
  if (token === undefined || isOneLine(token)) return undefined
  const article = /^[aeiou]/.test(typeof token) ? 'an' : 'a'
  const found =
    typeof token === 'string'
      ? 'a text with a line break in it'
      : token === null
        ? 'null'
        : `${article} ${typeof token}`
  return new DroverError(
    'not_authenticated',
    `The token function gave ${found}; expected a token as it was issued, a text on one line`,
  )
}

/**
 * Whether to escape, in the order to try. STOMP escapes nothing in CONNECT, and Artemis, the embedded broker and bridges read it so;
 * Classic and RabbitMQ undo escapes there in every version, so that they read another passcode, and RabbitMQ closes
 * without a word on an escape that it does not know. Who will read it is not known before CONNECTED.
 * @returns one way, or two where there is a backslash
 */
export function spellingsOf({ login = '', passcode = '', host = '' }: Credentials): readonly boolean[] {
  return (login + passcode + host).includes('\\') ? [false, true] : [false]
}

/** @returns the same credentials, escaped where that is wanted */
export function spellCredentials<Given extends Credentials>(credentials: Given, isEscaped: boolean): Given {
  if (!isEscaped) return credentials
  const { login, passcode, host } = credentials
  const said = Object.entries({ login, passcode, host }).filter(([, value]) => value !== undefined)
  return { ...credentials, ...escapeHeaders(Object.fromEntries(said) as Record<string, string>) }
}

/** Calls `token`, for at most `timeoutMs`. */
export async function tokenWithin(
  timeoutMs: number,
  token: () => string | Promise<string>,
  clock: Pick<Clock, 'timer'>,
): Promise<string> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stop = clock.timer(timeoutMs, () => reject(new Error(`no token within ${timeoutMs} ms`)))
  try {
    return await Promise.race([token(), late])
  } finally {
    stop()
  }
}
