/** The RECEIPTs that the bridge writes itself: who asks for many and reads none does not fill its memory. Promise 8. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, type RawSession, raw } from '../../support/raw-session.ts'

const pairs = 15_000
/** All of its RECEIPTs would be 30 MB. Sockets hold some 10 of them. */
const mostBytes = 20_000_000

/** Asks for two RECEIPTs of 1,000 bytes so often. */
function askForMany(session: RawSession): void {
  for (let pair = 0; pair < pairs; pair += 50) {
    const frames = Array.from({ length: 50 }, (_, at) => {
      const id = `id:${pair + at}`
      const receipt = `receipt:${'r'.repeat(980)}${pair + at}`
      const to = 'destination:/topic/myapp.workers.a'
      return raw('SUBSCRIBE', [id, to, 'drover-presence:changes', receipt]) + raw('UNSUBSCRIBE', [id, receipt])
    })
    session.send(frames.join(''))
  }
}

async function openPage(url: string): Promise<RawSession> {
  return await connectRaw(url, { token: await tokenFor('ada', { dispatch: ['a'] }) })
}

test('a session that reads none of them is read from no further, and ended', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { stalledMs: 3_000 } })
  await using page = await openPage(bridge.url)
  page.socket.pause()
  askForMany(page)
  const end = expect.objectContaining({ type: 'session_closed', ended_by: 'slow_reader' })
  await expect.poll(() => bridge.events, { timeout: 20_000 }).toContainEqual(end)
  const closed = bridge.events.find(({ type }) => type === 'session_closed')
  expect(closed).toMatchObject({ type: 'session_closed' })
  if (closed?.type === 'session_closed') expect(closed.bytes_out).toBeLessThan(mostBytes)
}, 40_000)

test('one that reads on is read from again, and gets each', async () => {
  await using bridge = await startBridge({ broker: 'embedded', metrics: { port: 0 } })
  await using page = await openPage(bridge.url)
  page.socket.pause()
  askForMany(page)
  const waiting = async (): Promise<number> => {
    const metrics = await (await fetch(bridge.metricsUrl!)).text()
    return Number(/buffered_bytes\{of="browser"\} (\d+)/.exec(metrics)?.[1])
  }
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(262_144)
  page.socket.resume()
  for (let receipt = 0; receipt < 2 * pairs; receipt++) await page.next('RECEIPT')
}, 40_000)
