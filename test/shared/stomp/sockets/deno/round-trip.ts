/** The program that `deno.test.ts` runs in a Deno process: one connection through a destroyed socket, told as JSON. */

import { connectStomp } from '../../../../../shared/stomp/mod.ts'
import { createDenoSocket } from '../../../../../shared/stomp/sockets/deno.ts'

const [url = '', destination = '', caFile] = Deno.args
const tls = caFile ? { ca: await Deno.readTextFile(caFile) } : undefined
const sockets: ReturnType<typeof createDenoSocket>[] = []
const stomp = connectStomp({
  url,
  backoff: { baseMs: 20, capMs: 200 },
  createSocket(address) {
    const socket = createDenoSocket(address, tls)
    sockets.push(socket)
    return socket
  },
})

const bodies: number[] = []
const waiting = new Map<number, () => void>()
stomp.subscribe({ destination }, message => {
  bodies.push(message.body.length)
  message.ack()
  waiting.get(message.body.length)?.()
})
const arrival = (length: number): Promise<void> => new Promise(resolve => waiting.set(length, resolve))

const session = await stomp.opened()
const large = arrival(1_048_576)
await stomp.publish({ destination, body: '€'.repeat(10) })
await stomp.publish({ destination, body: 'x'.repeat(1_048_576) })
await large
await stomp.publish({ destination: `${destination}.fence`, body: '' }) // the acks have arrived, too
const lost = new Promise<void>(resolve => stomp.onState(({ at }) => at === 'waiting' && resolve()))
if (sockets[0]?.terminate) sockets[0].terminate()
else sockets[0]?.close()
await lost
await stomp.opened()
const last = arrival(3)
await stomp.transaction(transaction => transaction.publish({ destination, body: 'end' }))
await last
const refused = await stomp.publish({ destination: '/queue/theirs.out', body: '' }).catch(error => error.code)
await stomp.close()

const unreachable = connectStomp({ url: 'stomp://127.0.0.1:1', createSocket: createDenoSocket })
const reason = await new Promise<string>(resolve =>
  unreachable.onState(state => state.at === 'waiting' && resolve((state.reason as Error & { code: string }).code)),
)
await unreachable.close()
console.log(JSON.stringify({ dialect: session.dialect.name, bodies, sockets: sockets.length, refused, reason }))
