/** A token that an address answers with. */
import { Buffer } from 'node:buffer'
import { DroverError } from 'drover/contract'
import { UsageError } from '../exit.ts'
import { codeOf, maxBytes, noToken, tookTooLong } from './source.ts'

/**
 * Asks an address: for the token, or for JSON with it as `token` or `access_token`.
 * @param name of the option or variable
 * @param signal ends the request
 * @throws {UsageError} for text that is no address
 */
export async function fromUrl(text: string, name: string, signal: AbortSignal): Promise<string> {
  const { url, headers } = requestOf(text, name)
  const shown = url.origin + url.pathname // the rest may hold a secret
  let body: string
  try {
    const response = await fetch(url, { headers, signal })
    if (!response.ok) {
      await response.body?.cancel().catch(() => {})
      throw noToken(`${name}: ${shown} answered ${response.status}; expected a token`)
    }
    const found = await textOf(response)
    if (found === undefined) throw noToken(`${name}: ${shown} answered over ${maxBytes} bytes; expected a token`)
    body = found
  } catch (cause) {
    if (cause instanceof DroverError) throw cause
    if (signal.aborted) throw noToken(`${name}: the answer of ${shown} ${tookTooLong}`)
    throw noToken(`${name}: ${shown} cannot be reached (${codeOf(cause)})`)
  }
  if (!/^\s*[{"]/.test(body)) return body
  const found = memberOf(body)
  if (typeof found === 'string') return found
  throw noToken(`${name}: ${shown} answered JSON without a token; expected it as token or access_token`)
}

function requestOf(text: string, name: string): { readonly url: URL; readonly headers: Record<string, string> } {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${name} is no address; expected one such as https://id.example/token`)
  }
  const { username, password } = url
  url.username = url.password = ''
  const accept = 'application/json, text/plain'
  if (username === '' && password === '') return { url, headers: { accept } }
  let basic: string
  try {
    basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  } catch {
    throw new UsageError(`${name} has a % in its user or password that begins no character; write % as %25`)
  }
  return { url, headers: { accept, authorization: `Basic ${basic}` } }
}

/** @returns `undefined` for more than a source may give: it may go on for ever */
async function textOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function memberOf(json: string): unknown {
  try {
    const value = JSON.parse(json) as string | { token?: unknown; access_token?: unknown }
    return typeof value === 'string' ? value : (value.token ?? value.access_token)
  } catch {
    return undefined
  }
}
