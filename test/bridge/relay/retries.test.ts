/** An operator behind a bridge sends dead letters again: once each, for whom they were, and no more than that. Promise 7. */
import { expect } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { testOnEach } from '../../support/brokers/each.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { until } from '../../support/until.ts'

const task = defineTask('mend.it', { input: z.string(), attempts: 2, retryDelayMs: 0, timeoutMs: 60_000 })

testOnEach(
  'with dead and operate a letter is sent again in the name of who dispatched it',
  'retries',
  async ({ stompUrl, namespace: ns, stack }) => {
    const bridge = stack.use(await startBridge({ broker: stompUrl }))
    const url = `${bridge.url.replace('http', 'ws')}/stomp`
    const as = async (sub: string, grants: object) => {
      const token = await tokenFor(sub, { ns, ...grants })
      return { url, token: () => token }
    }
    let isMended = false
    const runs: string[] = []
    const run = implement(task, input => {
      if (!isMended) throw new Error('no part')
      runs.push(input)
      return input
    })
    stack.use(await startWorker({ ...(await as('rex', { work: ['*'] })), tasks: [run], signals: false }))
    const ada = stack.use(await startMaster(await as('ada', { dispatch: ['*'] })))
    const jobs = ['a', 'b'].map(input => ada.dispatch(task, input))
    for (const job of jobs) expect(await job.outcome).toMatchObject({ type: 'error' })
    const [a, b] = jobs.map(job => job.request_id) as [string, string]
    const reader = stack.use(await startMaster(await as('eve', { dead: true })))
    const seen = await reader.dead.list()
    expect(seen).toMatchObject({
      matched: 2,
      letters: [{ sender: 'ada', problem: expect.stringMatching(/does not grant/) }, {}],
    })
    await expect(reader.dead.retry({ id: a })).rejects.toMatchObject({ code: 'forbidden' })
    const nobody = stack.use(await startMaster(await as('max', { operate: ['*'] })))
    await expect(nobody.dead.list()).rejects.toMatchObject({ code: 'forbidden' })

    isMended = true
    const ops = stack.use(await startMaster(await as('ops', { dead: true, operate: ['mend.*'] })))
    const sent = await ops.dead.retry({ id: a }, { by: 'somebody else' })
    expect(sent).toMatchObject({ done: [{ request_id: a }], left: [] })
    const late = await until('its master has heard', () => ada.job(a)!.snapshot.late.at(0))
    expect(late).toMatchObject({ type: 'result', output: 'a', retried: { by: 'ops' } })

    // By hand: each of these ends its session, and none of them reaches a worker
    const letter = (await ops.dead.show(b))!
    const job = { request_id: b, task: task.name, input: 'forged' }
    const queue = `/queue/${ns}.tasks.mend.it`
    const tries = {
      'without operate': { grants: { dead: true }, to: queue, id: b, twice: false },
      'to another task': {
        grants: { dead: true, operate: ['*'] },
        to: `/queue/${ns}.tasks.other`,
        id: b,
        twice: false,
      },
      'to a topic': { grants: { dead: true, operate: ['*'] }, to: `/topic/${ns}.tasks.mend.it`, id: b, twice: false },
      'of another job': { grants: { dead: true, operate: ['*'] }, to: queue, id: a, twice: false },
      twice: { grants: { dead: true, operate: ['*'] }, to: queue, id: b, twice: true },
    }
    for (const [what, { grants, to, id, twice }] of Object.entries(tries)) {
      await using session = await connectRaw(bridge.url, { token: await tokenFor('mal', { ns, ...grants }) })
      const open = [`destination:/queue/${ns}.dead`, 'id:d', 'ack:client-individual']
      session.send(raw('SUBSCRIBE', open))
      const ackId = (await session.next('MESSAGE')).header('ack') ?? ''
      const headers = [`destination:${to}`, `correlation-id:${id}`, `drover-letter:${ackId}`, 'transaction:t']
      session.send(raw('BEGIN', ['transaction:t'])) // nothing of it is committed
      for (let times = 0; times < (twice ? 2 : 1); times++) session.send(raw('SEND', headers, JSON.stringify(job)))
      const refused = await session.next('ERROR')
      expect(refused.header('drover-code'), what).toBe('forbidden')
    }
    await until('the letter is back', async () => (await ops.dead.show(b))?.id === letter.id)
    const [first, second] = await Promise.all([ops.dead.retry({ id: b }), ops.dead.retry({ id: b })])
    expect([...first.done, ...second.done]).toHaveLength(1)
    await until('it has run', () => runs.includes('b'))
    expect(await ops.dead.list()).toMatchObject({ total: 0 })
    expect(runs.toSorted()).toEqual(['a', 'b'])
  },
)
