/** A STOMP peer by TCP for tests that need a broker's other side: full trust, no bridge. */

import { connectTcp } from '../../bridge/node/tcp.ts'
import { encodeFrame, FrameScanner } from '../../shared/frames/mod.ts'

export interface TcpPeer extends AsyncDisposable {
  /** Sends and waits for the RECEIPT of the last of them, with at most some MiB unsent. */
  sendAll(count: number, headers: readonly (readonly [string, string])[], body: Uint8Array): Promise<void>
}

/** @param broker `stomp://foo:bar@127.0.0.1:port` */
export async function openTcpPeer(broker: string): Promise<TcpPeer> {
  const url = new URL(broker)
  const scanner = new FrameScanner()
  let wake = (): void => {}
  const receipts = new Set<string>()
  let failure: string | undefined
  const link = await connectTcp(url)({
    bytes(chunk) {
      for (const frame of scanner.push(chunk)) {
        if (frame.command === 'ERROR') failure = frame.header('message')
        receipts.add(frame.header('receipt-id') ?? frame.command)
      }
      wake()
    },
    drained: () => wake(),
    closed() {
      failure ??= 'closed'
      wake()
    },
  })
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      if (failure !== undefined) throw new Error(`The broker: ${failure}`)
      await new Promise<void>(resolve => (wake = resolve))
    }
  }
  link.send(
    encodeFrame('CONNECT', [
      ['accept-version', '1.2'],
      ['host', '/'],
      ['login', url.username],
      ['passcode', url.password],
    ]),
  )
  await until(() => receipts.has('CONNECTED'))
  return {
    async sendAll(count, headers, body) {
      const frame = encodeFrame('SEND', headers, body)
      for (let sent = 1; sent < count; sent++) {
        link.send(frame)
        if (link.unsentBytes > 4_194_304) await until(() => link.unsentBytes === 0)
      }
      receipts.delete('last')
      link.send(encodeFrame('SEND', [...headers, ['receipt', 'last']], body))
      await until(() => receipts.has('last'))
    },
    [Symbol.asyncDispose]: async () => link.close(),
  }
}
