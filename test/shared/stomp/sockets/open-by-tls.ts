/**
 * Opens connections one after the other, and tells how each went. Run by tls.test.ts on Node and on Deno.
 *
 *     … open-by-tls.ts '[{ "url": "stomp+ssl://…", "tls": {} }]'
 */
import process from 'node:process'
import { connectStomp, type Stomp, type TlsOptions } from 'drover/stomp'

type Sockets = typeof import('../../../../shared/stomp/sockets/node.ts').nodeSockets

const file = 'Deno' in globalThis ? 'deno.ts' : 'node.ts'
const found = (await import(`../../../../shared/stomp/sockets/${file}`)) as Record<string, Sockets>
const sockets = (found['nodeSockets'] ?? found['denoSockets'])!

const told: string[] = []
for (const { url, tls } of JSON.parse(process.argv[2]!) as { url: string; tls?: TlsOptions }[]) {
  try {
    const stomp = connectStomp({ url, createSocket: sockets(url, tls) })
    told.push(await outcome(stomp))
    await stomp.close()
  } catch (error) {
    told.push((error as Error).message)
  }
}
console.log(JSON.stringify(told))
process.exit()

function outcome(stomp: Stomp): Promise<string> {
  return new Promise(resolve => {
    const look = (): void => {
      const { state } = stomp
      if (state.at === 'open') resolve('open')
      if (state.at === 'waiting' || state.at === 'closed') resolve(state.reason?.message ?? 'closed')
    }
    stomp.onState(look)
    look()
  })
}
