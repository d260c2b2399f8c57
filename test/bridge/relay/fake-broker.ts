/** A broker in the hand of a test. */

import { listenTcp } from '../../../bridge/node/tcp.ts'
import type { ByteLink, ByteSink } from '../../../shared/frames/byte-link.ts'
import { encodeFrame } from '../../../shared/frames/mod.ts'

export interface FakeBroker extends AsyncDisposable {
  readonly url: string
  readonly links: readonly ByteLink[]
}

/** @param onBytes gets each chunk of each connection */
export async function startBroker(onBytes: (text: string, link: ByteLink) => void): Promise<FakeBroker> {
  const links: ByteLink[] = []
  const accept = (link: ByteLink): ByteSink => {
    links.push(link)
    return { bytes: chunk => onBytes(new TextDecoder().decode(chunk), link), drained() {}, closed() {} }
  }
  const { port, close } = await listenTcp({ port: 0, accept })
  return { url: `stomp://b:c@127.0.0.1:${port}`, links, [Symbol.asyncDispose]: close }
}

/** Its possible answers to CONNECT. */
export const connected: Uint8Array = encodeFrame('CONNECTED', [
  ['version', '1.2'],
  ['server', 'ActiveMQ/6.1.8'],
  ['heart-beat', '0,0'],
])
