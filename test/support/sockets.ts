/** The socket of the runtime that the tests run in; `vitest.config.ts` puts Deno's and the page's in its place. */
import type { StompSocket } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'

/** @param ca the authority to trust, as PEM; default: the system's */
export const createSocket = (address: string | URL, ca?: string): StompSocket =>
  createNodeSocket(address, ca === undefined ? {} : { ca })
