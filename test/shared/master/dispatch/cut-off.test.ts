/** A job whose SEND was cut off, in a master that is never left in peace: it goes out again all the same. Promise 4. */
import { createMaster, systemClock } from 'drover/master'
import { afterAll, describe, expect, test } from 'vitest'
import { connectStomp } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { isMissing } from '../../../support/brokers/each.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'
import { brokerNames } from '../../../support/brokers/start.ts'
import { startFaultProxy } from '../../../support/fault-proxy.ts'
import { until } from '../../../support/until.ts'

/** Far below the 30 s after which a queue that never falls quiet counts as read. */
const soonMs = 15_000

for (const broker of brokerNames) {
  describe.skipIf(isMissing(broker))(`on ${broker}`, () => {
    const timers = new Set<ReturnType<typeof setInterval>>()
    afterAll(() => {
      for (const timer of timers) clearInterval(timer)
    })

    test('a job that was cut off goes out again while replies to others keep coming', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('cut')
      await using proxy = await startFaultProxy(stompUrl)
      await using master = createMaster({
        url: proxy.through(stompUrl),
        namespace,
        masterId: 'm',
        backoff: { baseMs: 50, capMs: 100 },
      })
      await master.ready
      await using others = connectStomp({ url: stompUrl, namespace, createSocket: createNodeSocket })
      const { dialect, owner } = await others.opened()
      const destination = `${dialect.replySendPrefix}${namespace}.reply.${owner}.m`
      let said = 0
      const timer = setInterval(() => {
        const reply = { v: 1, type: 'log', request_id: crypto.randomUUID(), level: 'info', message: `${said++}` }
        others.publishUnconfirmed({ destination, headers: { persistent: 'false' }, body: JSON.stringify(reply) })
      }, 20)
      timers.add(timer)
      await until('replies of others come', () => master.discards.unknown_job > 10)

      const jobs: string[] = []
      await others.subscribe({ destination: `/queue/${namespace}.tasks.t` }, message => {
        jobs.push(message.body)
        message.ack()
      }).ready
      const cut = proxy.cutOn('up', '"task":"t"')
      const job = master.dispatch('t', 1)
      await cut
      const cutAt = performance.now()
      await job.sent
      expect(performance.now() - cutAt).toBeLessThan(soonMs)
      await until('it has arrived', () => jobs.length === 1)
      clearInterval(timer)
    })

    test('a master whose clock is off by an hour has its jobs done, and one that is set in between too', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('set')
      let offMs = -3_600_000
      await using master = createMaster({
        url: stompUrl,
        namespace,
        clock: { ...systemClock, now: () => Date.now() + offMs },
      })
      await using worker = connectStomp({ url: stompUrl, namespace, createSocket: createNodeSocket })
      const { dialect } = await worker.opened()
      const leftMs: number[] = []
      await worker.subscribe({ destination: `/queue/${namespace}.tasks.t` }, ({ headers, body, ack }) => {
        const { expires, timestamp, 'reply-to': replyTo = '' } = headers
        if (timestamp !== undefined) leftMs.push(Number(expires) - Number(timestamp))
        ack()
        const { request_id } = JSON.parse(body) as { request_id: string }
        worker.publishUnconfirmed({
          destination: replyTo.replace('/queue/', dialect.replySendPrefix),
          body: JSON.stringify({ v: 1, type: 'result', request_id, output: 7 }),
        })
      }).ready
      for (offMs of [-3_600_000, 3_600_000, -90_000, 0]) {
        expect(await master.run('t', 1, { timeoutMs: 30_000 })).toBe(7)
      }
      for (const left of leftMs) expect(Math.abs(left - 30_000)).toBeLessThan(10_000)
    })
  })
}
