/** A broker that writes down all that reaches it. It answers CONNECT and receipts, and hands each job reader one job. */

import { listenTcp } from '../../../bridge/node/tcp.ts'
import type { ByteLink, ByteSink } from '../../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type ScannedFrame, type StompVersion } from '../../../shared/frames/mod.ts'

/** The job that every reader of a task queue is handed. */
export const handedJob = { sender: 'ada', replyTo: '/queue/myapp.reply.ada.m', correlationId: 'c1' }

export interface RecordingBroker extends AsyncDisposable {
  readonly url: string
  /** The frames that came, CONNECT aside. */
  readonly frames: ScannedFrame[]
  /** That each CONNECT asked for. */
  readonly versions: StompVersion[]
  /** Resolves when no connection is open. */
  idle(): Promise<void>
}

/** @param server the name of the broker in its CONNECTED */
export async function startRecordingBroker(server: string): Promise<RecordingBroker> {
  const frames: ScannedFrame[] = []
  const versions: StompVersion[] = []
  let open = 0
  let onIdle = (): void => {}
  const accept = (link: ByteLink): ByteSink => {
    open++
    const scanner = new FrameScanner({ maxHeaders: 500, maxHeaderBytes: 1_000_000, maxBodyBytes: 10_000_000 })
    let version: StompVersion = '1.2'
    const answer = (frame: ScannedFrame): undefined => {
      if (frame.command === 'CONNECT') {
        version = frame.header('accept-version') as StompVersion
        versions.push(version)
        link.send(
          encodeFrame('CONNECTED', [
            ['version', version],
            ['server', server],
            ['heart-beat', '0,0'],
          ]),
        )
        return
      }
      frames.push(frame)
      const receipt = frame.header('receipt')
      if (receipt !== undefined) link.send(encodeFrame('RECEIPT', [['receipt-id', receipt]], undefined, version))
      const destination = frame.header('destination')
      if (frame.command !== 'SUBSCRIBE' || !destination?.startsWith('/queue/myapp.tasks.')) return
      link.send(
        encodeFrame(
          'MESSAGE',
          [
            ['subscription', frame.header('id') ?? ''],
            ['message-id', 'm1'],
            ['ack', 'm1'],
            ['destination', destination],
            ['correlation-id', handedJob.correlationId],
            ['reply-to', handedJob.replyTo],
            ['drover-sender', handedJob.sender],
          ],
          '{}',
          version,
        ),
      )
    }
    return {
      bytes: chunk => scanner.read(chunk, answer),
      drained() {},
      closed() {
        if (--open === 0) onIdle()
      },
    }
  }
  const { port, close } = await listenTcp({ port: 0, accept })
  return {
    url: `stomp://bridge:secret@127.0.0.1:${port}`,
    frames,
    versions,
    idle: async () => {
      if (open > 0) await new Promise<void>(resolve => (onIdle = resolve))
    },
    [Symbol.asyncDispose]: close,
  }
}
