/** The least that a relay can do: bytes from one TCP connection to another, and back, on Node. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { serve } from './peer.ts'

const upstream = new URL(process.env.UPSTREAM ?? 'stomp://127.0.0.1:61613')
const server = createServer({ noDelay: true }, client => {
  const broker = connect({ host: upstream.hostname, port: Number(upstream.port), noDelay: true })
  client.pipe(broker).pipe(client)
  client.on('error', () => broker.destroy()).on('close', () => broker.destroy())
  broker.on('error', () => client.destroy()).on('close', () => client.destroy())
})

server.listen(0, '127.0.0.1')
await once(server, 'listening')
serve(`stomp://127.0.0.1:${(server.address() as AddressInfo).port}`)
