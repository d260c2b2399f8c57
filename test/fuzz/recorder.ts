/** A broker that keeps all bytes of each connection, answers as one would, and judges at the end of the connection. */
import { listenTcp } from '../../bridge/node/tcp.ts'
import type { ByteLink, ByteSink } from '../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { type DialectName, dialects } from '../../shared/stomp/dialects/mod.ts'
import { smuggledFrame } from './judge.ts'
import { shown } from './scanner.ts'
import { parseStrictly } from './strict-parser.ts'

/** By which the bridge knows the dialect. */
export const servers: Readonly<Record<Exclude<DialectName, 'embedded'>, string>> = {
  classic: 'ActiveMQ/6.1.8',
  artemis: 'ActiveMQ-Artemis/2.44.0 ActiveMQ Artemis Messaging Engine',
  rabbitmq: 'RabbitMQ/3.10.8',
}

export interface Recorder extends AsyncDisposable {
  readonly url: string
  /** Frames that reached it, logins aside. */
  readonly frames: number
  /** Frames that no session here has a right to, in words; at most 20. */
  readonly faults: readonly string[]
}

export async function startRecorder(dialect: Exclude<DialectName, 'embedded'>): Promise<Recorder> {
  const faults: string[] = []
  let frames = 0
  const judge = (bytes: Uint8Array, version: StompVersion): void => {
    const strict = parseStrictly(bytes, version)
    // The first is the bridge's own CONNECT
    const said = strict.frames.slice(1)
    frames += said.length
    const farewell = said.findIndex(({ command }) => command === 'DISCONNECT')
    const isLate = farewell >= 0 && farewell < said.length - 1
    const found = isLate
      ? 'A frame came behind DISCONNECT'
      : said.map(frame => smuggledFrame(frame, dialect)).find(fault => fault !== undefined)
    const fault = found ?? (strict.end === 'complete' ? undefined : `The bytes for the broker end ${strict.end}`)
    if (fault !== undefined && faults.length < 20)
      faults.push(`${fault}\n  as ${dialect}, ${version}\n  ${shown(bytes)}`)
  }
  const accept = (link: ByteLink): ByteSink => {
    const scanner = new FrameScanner({ maxHeaders: 500, maxHeaderBytes: 1_000_000, maxBodyBytes: 10_000_000 })
    const chunks: Uint8Array[] = []
    let version: StompVersion = '1.2'
    return {
      bytes(chunk) {
        chunks.push(chunk)
        scanner.read(chunk, frame => {
          if (frame.command === 'CONNECT') {
            version = frame.header('accept-version') as StompVersion
            link.send(
              encodeFrame('CONNECTED', [
                ['version', version],
                ['server', servers[dialect]],
                ['heart-beat', '0,0'],
              ]),
            )
            return undefined
          }
          const receipt = frame.header('receipt')
          if (receipt !== undefined)
            link.send(encodeFrame('RECEIPT', [['receipt-id', unescapeHeader(receipt, version)]], undefined, version))
          if (frame.command !== 'DISCONNECT') return undefined
          link.close()
          return false
        })
      },
      drained() {},
      closed: () => judge(Buffer.concat(chunks), version),
    }
  }
  const { port, close } = await listenTcp({ port: 0, accept })
  return {
    url: `stomp://bridge:secret@127.0.0.1:${port}`,
    get frames() {
      return frames
    },
    faults,
    [Symbol.asyncDispose]: close,
  }
}

/** Versions in which a bridge before this broker can be spoken to. */
export const versionsBefore = (dialect: DialectName): readonly StompVersion[] =>
  dialects[dialect].newestVersion === '1.2' ? ['1.2', '1.1', '1.0'] : ['1.1', '1.0']
