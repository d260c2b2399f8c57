/** The stamp of operators: workers are paused by it, so that nobody writes it but the bridge, and only for who may operate the task. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

test.each(['embedded', 'rabbitmq'] as const)(
  '%s: only a SEND of an operator of the task comes with the stamp',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    const ns = unique('operators')
    await using bridge = await startBridge({ broker: stompUrl })
    const connect = async (sub: string, grants: object) =>
      await connectRaw(bridge.url, { token: await tokenFor(sub, { ns, ...grants }) })
    await using worker = await connect('rex', { work: ['a'] })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:/topic/${ns}.control.a`, 'receipt:s']))
    await worker.next('RECEIPT')

    const stamps: Record<string, string | undefined> = {}
    const grants = {
      'dispatches a': { dispatch: ['a'], broadcast: ['a'] },
      'operates b, dispatches a': { dispatch: ['a'], operate: ['b'] },
      'operates a': { operate: ['a'] },
      'operates all': { operate: ['*'] },
    }
    for (const [who, granted] of Object.entries(grants)) {
      await using sender = await connect('ada', granted)
      const headers = [
        `destination:/topic/${ns}.control.a`,
        'drover-operator:forged',
        'Drover-Operator:true',
        `who:${who}`,
      ]
      sender.send(raw('SEND', headers, '{}'))
      const message = await worker.next('MESSAGE')
      stamps[message.header('who') ?? ''] = message.header('drover-operator')
    }
    expect(stamps).toEqual({
      'dispatches a': undefined,
      'operates b, dispatches a': undefined,
      'operates a': 'true',
      'operates all': 'true',
    })
  },
)
