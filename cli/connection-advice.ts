/** Advice about a connection that failed, in the words of the command line. */
import { DroverError } from 'drover/contract'
import { readAddress, withoutPassword } from '../shared/stomp/sockets/address.ts'

/** How it was tried. */
export interface Tried {
  readonly url: string
  /** The token that was given; an empty one is none. */
  readonly token?: string | undefined
  /** The option or variable that names where the token is read again. */
  readonly source?: string | undefined
}

/**
 * Adds advice for a person at a terminal, since programs in between know neither options nor variables.
 * @returns the error itself where there is nothing to add
 */
export function withAdvice(error: unknown, { url, token, source }: Tried): Error {
  if (!(error instanceof DroverError)) return error instanceof Error ? error : new Error(String(error))
  const { url: at, login, passcode } = readAddress(url)
  if (at.protocol !== 'ws:' && at.protocol !== 'wss:') return error
  if (error.code === 'not_authenticated') {
    const message = token ? withAdviceAboutToken(error.message, source) : undefined
    if (message !== undefined) return new DroverError(error.code, message, { cause: error })
    if (!token && login === undefined && passcode === undefined) {
      const shown = withoutPassword(url)
      const message = `${shown} has to know who connects: give a token by --token or DROVER_TOKEN ("drover token --help" says how to get one), or name and password in the address, such as ${shown.replace('://', '://ada:…@')}`
      return new DroverError(error.code, message, { cause: error })
    }
  }
  if (error.code === 'broker_unreachable' && at.pathname === '/') {
    return new DroverError(error.code, `${error.message}; a bridge's address ends in /stomp`, { cause: error })
  }
  return error
}

/** A bridge's words about the token of a session that was open. */
const sessionEnded = /token has expired; connect again/

/** A token that was given is not to be asked for. */
function withAdviceAboutToken(message: string, source: string | undefined): string | undefined {
  if (!/expired|exp\b/i.test(message)) return undefined
  const found = sessionEnded.test(message) ? '' : `${message}. `
  if (source !== undefined)
    return `${found}The token that ${source} gave has expired; see that a new one is there in time`
  return `${found}The token given by --token or DROVER_TOKEN has expired: start again with a new one ("drover token --help" says how to get one that lasts)`
}
