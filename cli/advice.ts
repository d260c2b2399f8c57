/** What to do about a connection that failed, in the words of the command line. */
import { DroverError } from 'drover/contract'

/** How it was tried. */
interface Tried {
  readonly url: string
  readonly token?: string | undefined
}

/**
 * Adds what a person at a terminal can do: programs in between know neither options nor variables.
 * @returns the error itself where there is nothing to add
 */
export function withAdvice(error: unknown, { url, token }: Tried): Error {
  if (!(error instanceof DroverError)) return error instanceof Error ? error : new Error(String(error))
  const { protocol, pathname, username, password } = new URL(url)
  if (protocol !== 'ws:' && protocol !== 'wss:') return error
  if (error.code === 'not_authenticated' && !token && username === '' && password === '') {
    const message = `${url} has to know who connects: give a token by --token or DROVER_TOKEN ("drover token --help" says how to get one), or name and password in the address, such as ${url.replace('://', '://ada:…@')}`
    return new DroverError(error.code, message, { cause: error })
  }
  if (error.code === 'broker_unreachable' && pathname === '/') {
    return new DroverError(error.code, `${error.message}; a bridge's address ends in /stomp`, { cause: error })
  }
  return error
}
