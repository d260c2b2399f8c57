/** A bridge of a checkout, as a process: `bridge.ts CHECKOUT OPTIONS`. */
import process from 'node:process'
import { moduleOf } from './checkout.ts'

export interface BridgePart {
  port: number
  stompPort: number
  broker: string
  secret: string
}

const [, , folder = '', options = '{}'] = process.argv
const { serveBridge } = await moduleOf(folder, 'bridge/node.ts')
const grants = { dispatch: ['*'], broadcast: ['*'], work: ['*'], observe: ['*'], workers: true, dead: true }
await serveBridge({
  ...(JSON.parse(options) as BridgePart),
  users: [{ login: 'foo', password: 'bar', grants }],
  onEvent: event => console.log(JSON.stringify(event)),
})
console.log('ready')
