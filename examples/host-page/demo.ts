/**
 * `npm run demo:host-page`: a bridge with its own broker, a worker, and a site that embeds the widgets, on one machine.
 * PORT moves the site, 8080 by default; the bridge takes the port after it.
 */
import process from 'node:process'
import { serveBridge } from 'drover/bridge'
import { startWorker } from 'drover/worker'
import { refreshBrowser } from '../../scripts/build/browser.ts'
import imageThumbnail from '../tasks/image-thumbnail.ts'
import { serveHostPage } from './server.ts'

const root = new URL('../../', import.meta.url).pathname
const port = Number(process.env.PORT || 8080)
const site = { login: 'shop', password: crypto.randomUUID() }
const crew = { login: 'crew', password: crypto.randomUUID() }

await refreshBrowser(root)
await using bridge = await serveBridge({
  port: port + 1,
  stompPort: 0,
  broker: 'embedded',
  secret: `${crypto.randomUUID()}${crypto.randomUUID()}`,
  users: [
    { ...site, grants: { ns: 'myapp', dispatch: ['image.thumbnail'] } },
    { ...crew, grants: { ns: 'myapp', work: ['*'] } },
  ],
  origins: [`http://127.0.0.1:${port}`],
})
await using _worker = await startWorker({
  url: `${bridge.url.replace('http', 'ws')}/stomp`,
  login: crew.login,
  passcode: crew.password,
  tasks: [imageThumbnail],
})
await using page = await serveHostPage({ port, bridge: bridge.url, ...site, people: { ada: 'lovelace' } })
console.log(`ready ${page.url} (sign in as ada, with lovelace)`)
const stopped = Promise.withResolvers<unknown>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped.resolve)
await stopped.promise
