/**
 * Why a WebSocket did not open: a browser tells its page nothing of it. The commonest reason on somebody else's site is that
 * its origin is not on the bridge's list, which the bridge lets any page read at the same address by HTTP. Design section 6.
 */
import type { Fetch } from '../platform.ts'

/**
 * Asks the bridge whether it refuses this page for its origin.
 * @param http sends the request
 * @param socket the address of the WebSocket
 * @returns the origin; `undefined` when it is another reason, or the page's own policy forbids to ask
 */
export async function refusedOrigin(http: Fetch, socket: URL, signal: AbortSignal): Promise<string | undefined> {
  const { origin } = globalThis // that of `location` names the site also where a sandbox took it away
  const address = socket.href.replace(/^ws/, 'http')
  // A bridge's own page is not refused for its origin.
  if (new URL(address).origin === origin) return undefined
  try {
    const response = await http(address, { credentials: 'omit', cache: 'no-store', signal })
    return response.status === 403 && (await response.json()).error.code === 'forbidden' ? origin : undefined
  } catch {
    return undefined // away, or something else answers there
  }
}
