/**
 * The bridge process of the job suite: `bridge-main.ts OPTIONS`, OPTIONS a `BridgeSettings` in JSON. Writes `ready` once it
 * listens, and before that its sign-in link, if it has one.
 */
import process from 'node:process'
import { serveBridge } from 'drover/bridge'
import type { BridgeSettings } from './bridge-process.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as BridgeSettings
const bridge = await serveBridge({ ...settings, stompPort: 0 })
if (bridge.signInUrl !== undefined) console.log(`sign in ${bridge.signInUrl}`)
console.log(`ready ${bridge.url}`)
