/** The ports of a bridge that Node and Deno fill alike, by the parts of Node that Deno has too. */
import { systemClock } from '../../shared/clock.ts'
import { randomId } from '../../shared/random-id.ts'
import { readKeyText } from '../../shared/seal/node-text.ts'
import type { ServePorts } from '../serve.ts'
import { passwordPorts } from './crypto.ts'
import { listenHttp } from './http.ts'
import { readPageFiles } from './page-files.ts'
import { openRevocations } from './revocations-file.ts'
import { connectWebSocket } from './websocket.ts'

export const sharedPorts: Omit<ServePorts, 'connectTcp' | 'listenTcp' | 'readTls' | 'createMac'> = {
  ...passwordPorts,
  connectWebSocket,
  // Loaded where it is asked for, as the store is
  serveMetrics: async (options, measured) =>
    await (await import('../metrics/node.ts')).serveBridgeMetrics(options, measured),
  listenHttp,
  readPageFiles,
  readText: readKeyText,
  openRevocations,
  // Loaded where it is asked for: most bridges have another broker
  openStore: async file => (await import('../../broker/store/node.ts')).openStore(file),
  clock: systemClock,
  newId: randomId,
}
