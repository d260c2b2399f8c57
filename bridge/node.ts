/** The bridge on Node. */
import { checkNode } from '../shared/node-version.ts'
import { readTls } from '../shared/stomp/sockets/node-tls.ts'
import { findTracing } from '../shared/tracing/node.ts'
import type { RunningBridge } from './bridge.ts'
import { createMac } from './node/mac.ts'
import { sharedPorts } from './node/ports.ts'
import { connectTcp, listenTcp } from './node/tcp.ts'
import type { ServeOptions } from './options.ts'
import { serve } from './serve.ts'

export type { Reloaded } from './access/reload.ts'
export type { BridgeUser } from './access/users.ts'
export type { RunningBridge } from './bridge.ts'
export type { BridgeEvent, OnEvent } from './events.ts'
export type { BridgeSeal } from './grants/hand-on-seal.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { createBridgeLog } from './log-lines.ts'
export { hashPassword } from './node/crypto.ts'
export type { ServeOptions } from './options.ts'
export type { ClaimPath } from './tokens/claim-path.ts'
export type { IssuerAlgorithm, IssuerOptions } from './tokens/issuer-options.ts'
export { type MintOptions, mintToken } from './tokens/mint.ts'

/**
 * Starts a bridge.
 * @throws {DroverError} `config_invalid` or `port_taken`; nothing is left listening then
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { serveBridge } from 'drover/bridge'
 * await using bridge = await serveBridge({
 *   port: 0,
 *   broker: 'embedded',
 *   stompPort: 0,
 *   secret: '0123456789abcdef0123456789abcdef',
 *   users: [{ login: 'foo', password: 'bar', grants: { dispatch: ['*'], work: ['*'] } }],
 * })
 * const health = await fetch(`${bridge.url}/health`)
 * assert.equal(health.status, 200)
 * ```
 */
export async function serveBridge(options: ServeOptions): Promise<RunningBridge> {
  checkNode()
  return await serve(
    { tracing: findTracing(), ...options },
    { ...sharedPorts, createMac, connectTcp, listenTcp, readTls },
  )
}
