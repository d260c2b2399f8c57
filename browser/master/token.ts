/** Fetches a token at every connect, with the page's cookies. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Fetch } from '../platform.ts'

/**
 * Asks for a token by POST.
 * @param http sends the request
 * @param url whose answer is JSON with a `token`, as the bridge's own `/token` gives, or the token as plain text
 * @throws {DroverError} `not_authenticated` for 401 and 403, `broker_unreachable` when there is no answer or one that
 * tells of trouble, `message_invalid` when it holds no token
 */
export async function fetchToken(http: Fetch, url: string | URL): Promise<string> {
  let response: Response
  try {
    response = await http(url, { method: 'POST', credentials: 'include', headers: { accept: 'application/json' } })
  } catch (cause) {
    throw new DroverError('broker_unreachable', 'The address that gives tokens does not answer', { cause })
  }
  const text = await response.text().catch(() => '')
  if (response.status === 401 || response.status === 403) {
    throw new DroverError('not_authenticated', saidError(text) ?? 'You are not signed in, or your sign-in has ended')
  }
  if (!response.ok) {
    throw new DroverError('broker_unreachable', `The address that gives tokens answers with status ${response.status}`)
  }
  const token = readToken(text)
  if (token !== undefined) return token
  throw new DroverError(
    'message_invalid',
    'The address that gives tokens gave none; expected JSON with a "token", or the token alone',
  )
}

function readToken(text: string): string | undefined {
  const json = parse(text)
  const token = typeof json === 'object' && json !== null ? (json as { token?: unknown }).token : (json ?? text.trim())
  return typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? token : undefined
}

/** The sentence that a bridge gives with a refusal. */
function saidError(text: string): string | undefined {
  const message = (parse(text) as { error?: { message?: unknown } } | undefined)?.error?.message
  return typeof message === 'string' ? message.slice(0, 300) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
