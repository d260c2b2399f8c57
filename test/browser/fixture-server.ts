/**
 * Serves the sources to a browser, through Vite, under the Content-Security-Policy that strict pages have. A fixture is a
 * module; its page is `/fixture?module=/test/browser/fixtures/x.ts` and has an empty `<main>`.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createVite } from 'vite'

export interface FixtureServer extends AsyncDisposable {
  readonly url: string
}

/** As strict as the page that the bridge serves. */
export const strictPolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss: http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const dependencies = ['@lit/context', '@stomp/stompjs', 'idb', 'lit', 'uuid', 'zod/mini']
const litParts = ['class-map', 'if-defined', 'keyed', 'live', 'ref', 'repeat', 'style-map'].map(
  name => `lit/directives/${name}.js`,
)

export async function startFixtureServer(): Promise<FixtureServer> {
  const vite = await createVite({
    configFile: false,
    root: process.cwd(),
    appType: 'custom',
    logLevel: 'error',
    cacheDir: `.test-results/vite/${process.pid}`,
    // Everything is named, because a dependency found later would reload the page under test.
    optimizeDeps: { noDiscovery: true, include: [...dependencies, ...litParts] },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture')
    response.setHeader('content-security-policy', strictPolicy)
    if (url.pathname === '/fixture') {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(fixturePage(url.searchParams.get('module') ?? ''))
    } else if (url.pathname === '/fixture.css') {
      response.setHeader('content-type', 'text/css')
      response.end(fixtureCss)
    } else if (url.pathname === '/favicon.ico') {
      response.writeHead(204).end()
    } else vite.middlewares(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await vite.close()
    },
  }
}

const fixturePage = (module: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Fixture</title>
<link rel="stylesheet" href="/fixture.css">
<script type="module" src="${module.replaceAll('"', '')}"></script>
</head>
<body><main><h1>Fixture</h1></main></body>
</html>`

const fixtureCss = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0; padding: 16px; background: Canvas; color: CanvasText }
h1 { font-size: 1rem; margin: 0 0 12px }`
