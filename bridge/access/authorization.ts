/** The `authorization` of a request or a CONNECT: a token, or login and password. RFC 7617 and RFC 6750. */
import { DroverError } from '../../shared/contract/errors.ts'

export type Authorization =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly login: string; readonly password: string }

/**
 * @param text of the header
 * @returns `undefined` where it is absent, blank or of another scheme
 * @throws {DroverError} `not_authenticated` for one of these schemes that is written wrongly
 */
export function readAuthorization(text: string | undefined): Authorization | undefined {
  const given = text?.trim() ?? ''
  if (given === '') return undefined
  const [scheme = '', ...rest] = given.split(/ +/)
  const [value = ''] = rest
  switch (scheme.toLowerCase()) {
    case 'bearer':
      if (rest.length === 1) return { scheme: 'bearer', token: value }
      throw refused('after Bearer it needs one token without blanks in it')
    case 'basic':
      if (rest.length === 1) return { scheme: 'basic', ...readBasic(value) }
      throw refused('after Basic it needs login:password in base64, without blanks in it')
    default:
      return undefined // a proxy's own, such as Negotiate: who asks may be said elsewhere
  }
}

function readBasic(encoded: string): { login: string; password: string } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(atob(encoded), char => char.charCodeAt(0)),
    )
  } catch {
    throw refused('after Basic it needs login:password as UTF-8 in base64')
  }
  const colon = text.indexOf(':')
  if (colon < 0) throw refused('after Basic it needs login:password in base64; there is no colon')
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}

const refused = (why: string): DroverError =>
  new DroverError('not_authenticated', `The authorization is refused: ${why}`)
