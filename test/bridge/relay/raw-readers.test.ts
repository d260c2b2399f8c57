/**
 * Frames as they reach the brokers themselves: plain readers of every version find no header that a writer behind the
 * bridge made up.
 */
import { expect, test } from 'vitest'
import { connectTcp } from '../../../bridge/node/tcp.ts'
import type { ByteLink } from '../../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type ScannedFrame, type StompVersion } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'

const versions: readonly StompVersion[] = ['1.0', '1.1', '1.2']

/** As they are on the wire, with the versions in which they may be written: in others the bridge itself refuses them. */
const hostile: readonly (readonly [value: string, writers: readonly StompVersion[]])[] = [
  [String.raw`x\nreply-to:/queue/myapp.reply.eve.m\ndrover-sender:eve`, []],
  [String.raw`x\ndrover-sender\ceve\ncorrelation-id\c7`, []],
  [String.raw`x\\ndrover-sender\ceve`, ['1.1', '1.2']],
  [String.raw`x\r\ndrover-sender:eve`, []],
  [String.raw`x\r`, []],
  ['x\rdrover-sender:eve', []],
  ['x\u2028drover-sender:eve\u0085reply-to:eve', versions],
  ['x:drover-sender:eve', versions],
]

interface Reader {
  readonly version: StompVersion
  readonly frames: readonly ScannedFrame[]
  readonly link: ByteLink
}

async function openReader(broker: string, version: StompVersion, destination: string): Promise<Reader> {
  const url = new URL(broker)
  const scanner = new FrameScanner()
  scanner.version = version
  scanner.isLenient = true
  const frames: ScannedFrame[] = []
  const link = await connectTcp(url)({
    bytes: chunk => void frames.push(...scanner.push(chunk)),
    drained() {},
    closed() {},
  })
  const login = { host: '/', login: url.username, passcode: url.password }
  link.send(encodeFrame('CONNECT', Object.entries({ 'accept-version': version, ...login })))
  link.send(encodeFrame('SUBSCRIBE', Object.entries({ id: 'r', destination, receipt: 'r' }), undefined, version))
  await expect
    .poll(() => frames.map(({ command }) => command), { timeout: 10_000, message: `a plain reader of ${version}` })
    .toContain('RECEIPT')
  return { version, frames, link }
}

test.each(['classic', 'artemis', 'rabbitmq', 'embedded'] as const)('%s: no header is made up', async name => {
  const { stompUrl } = await sharedBroker(name)
  await using bridge = await startBridge({ broker: stompUrl })
  const task = unique('h').slice('myapp.'.length)
  const destination = `/topic/myapp.control.${task}`
  const token = await tokenFor('ada', { broadcast: [task] })
  const readers = await Promise.all(versions.map(version => openReader(stompUrl, version, destination)))
  let passed = 0
  for (const version of versions) {
    for (const header of ['own', 'type']) {
      for (const [value, writers] of hostile) {
        await using writer = await connectRaw(bridge.url, { token, version })
        writer.send(raw('SEND', [`destination:${destination}`, `${header}:${value}`, 'receipt:r'], 'hostile'))
        const isTaken = await writer.next('RECEIPT').then(
          () => true,
          () => false,
        )
        const what = `${JSON.stringify(value)} in ${version}`
        expect(isTaken, what).toBe(writers.includes(version))
        if (isTaken) passed++
        else expect((await writer.closed()).code, what).toBe(4400)
      }
    }
  }
  await using last = await connectRaw(bridge.url, { token })
  last.send(raw('SEND', [`destination:${destination}`], 'last'))
  for (const { version, frames, link } of readers) {
    const messages = (): readonly ScannedFrame[] => frames.filter(({ command }) => command === 'MESSAGE')
    await expect
      .poll(() => messages().map(bodyOf), { timeout: 10_000, message: `a plain reader of ${version}` })
      .toContain('last')
    expect(messages(), version).toHaveLength(passed + 1)
    for (const message of messages()) {
      const what = `to ${version}: ${JSON.stringify(message.headers())}`
      expect(message.headerValues('drover-sender'), what).toEqual(['ada'])
      expect(message.headerValues('reply-to'), what).toEqual([])
      expect(message.headerValues('correlation-id'), what).toEqual([])
    }
    link.close()
  }
})
