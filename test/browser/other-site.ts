/** A site that is not the bridge's: its pages load the widgets from there, under a strict policy. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mintToken, type RunningBridge } from 'drover/bridge'
import { refreshBrowser } from '../../scripts/build/browser.ts'
import { type Harness, startHarness } from './harness.ts'
import { everything, startBridge } from './test-bridge.ts'

/** Of the bridge, which signs tokens by it. */
export const secret = '0123456789abcdef0123456789abcdef'

export const mintedToken = (): Promise<string> =>
  mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 600_000 })

export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** Default HTML. */
  readonly type?: string
  readonly body: string
}

export interface OtherSite {
  readonly harness: Harness
  readonly bridge: RunningBridge
  /** Its origin. */
  readonly url: string
}

/**
 * Starts the site, and a bridge that lists it.
 * @param stack ends them
 * @param answer gives the answer to a path of the site
 * @param more sources that the policy allows besides those of the bridge, by directive
 */
export async function startOtherSite(
  stack: AsyncDisposableStack,
  answer: (url: URL, bridge: RunningBridge) => Answer | Promise<Answer>,
  more: Readonly<Record<string, string>> = {},
): Promise<OtherSite> {
  await refreshBrowser(process.cwd())
  const harness = stack.use(await startHarness())
  const respond = async (path: string, response: ServerResponse): Promise<void> => {
    const { status = 200, type = 'text/html', body } = await answer(new URL(path, 'http://site'), bridge)
    response.setHeader('content-type', `${type}; charset=utf-8`)
    response.setHeader('content-security-policy', policyOf(bridge, more))
    response.writeHead(status).end(body)
  }
  const server = createServer((request, response) => void respond(request.url ?? '/', response))
  stack.defer(() => void server.close().closeAllConnections())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bridge = stack.use(await startBridge({ origins: [url], secret }))
  return { harness, bridge, url }
}

/** A page of the site. */
export const pageOf = (script: string, body: string): string =>
  `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<script type="module" src="${script}"></script>${body}`

export const socketOf = ({ url }: RunningBridge): string => `${url.replace('http', 'ws')}/stomp`

function policyOf({ url }: RunningBridge, more: Readonly<Record<string, string>>): string {
  const directives: Readonly<Record<string, string>> = {
    'default-src': "'none'",
    'script-src': url,
    'connect-src': `${url.replace('http', 'ws')} ${url}`,
    'img-src': 'data:',
    'require-trusted-types-for': "'script'",
    'trusted-types': 'lit-html',
  }
  const names = new Set([...Object.keys(directives), ...Object.keys(more)])
  return Array.from(names, name => [name, directives[name], more[name]].filter(Boolean).join(' ')).join('; ')
}
