/** Stands in for `sockets.ts` where the tests run in Deno. */

import type { StompSocket } from '../../../shared/stomp/mod.ts'
import { createDenoSocket } from '../../../shared/stomp/sockets/deno.ts'

/** As Node's: `ca` is the authority to trust, as PEM. */
export const createSocket = (address: string | URL, ca?: string): StompSocket =>
  createDenoSocket(address, ca === undefined ? undefined : { ca })
