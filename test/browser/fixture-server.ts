/**
 * Serves fixtures to a browser, bundled by Vite, under the Content-Security-Policy that strict pages have. A fixture is a
 * module; its page is `/fixture?module=/test/browser/fixtures/x.ts` and has an empty `<main>`.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'vite'

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

export async function startFixtureServer(): Promise<FixtureServer> {
  const bundles = new Map<string, Promise<string>>()
  const bundleOf = (module: string): Promise<string> => {
    const bundle = bundles.get(module) ?? bundled(module)
    bundles.set(module, bundle)
    return bundle
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fixture')
    response.setHeader('content-security-policy', strictPolicy)
    const send = (type: string, text: string): void => {
      response.setHeader('content-type', `${type}; charset=utf-8`)
      response.end(text)
    }
    if (pathname === '/fixture') send('text/html', fixturePage(searchParams.get('module') ?? ''))
    else if (pathname === '/fixture.css') send('text/css', fixtureCss)
    else if (pathname === '/favicon.ico') response.writeHead(204).end()
    else if (pathname.startsWith(fixtures)) {
      bundleOf(pathname).then(
        text => send('text/javascript', text),
        // The page's console shows it, and so does its test
        error => send('text/javascript', `throw new Error(${JSON.stringify(String(error))})`),
      )
    } else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const fixtures = '/test/browser/fixtures/'

/**
 * One file, because a tab that loads each module by itself takes longer than its test. As developers have it: not minified.
 * @param module its path from the root of the repository, with a `/` in front
 * @param alias packages that stand in for others
 */
export async function bundled(module: string, alias: Readonly<Record<string, string>> = {}): Promise<string> {
  const built = await build({
    configFile: false,
    root: process.cwd(),
    mode: 'development',
    logLevel: 'error',
    publicDir: false,
    resolve: { alias },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: `.${module}`, output: { format: 'es', codeSplitting: false } },
    },
  })
  const [first] = Array.isArray(built) ? built : [built]
  if (first === undefined || !('output' in first)) throw new Error(`Vite built nothing of ${module}`)
  return first.output[0].code
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
