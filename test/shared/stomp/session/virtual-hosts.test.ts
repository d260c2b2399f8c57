/** The virtual host that a broker's address names: worker, master, check and bridge say the same one. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { checkBroker } from '../../../../cli/broker-check.ts'
import { startMaster } from '../../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { startBridge } from '../../../support/bridges/bridges.ts'
import { isMissing } from '../../../support/brokers/each.ts'
import { sharedBroker } from '../../../support/brokers/shared.ts'
import { brokerNames } from '../../../support/brokers/start.ts'

const task = defineTask('team.echo', { input: z.string() })

test.skipIf(isMissing('rabbitmq'))('a user with rights in one virtual host alone works there', async () => {
  const { stompUrl } = await sharedBroker('rabbitmq')
  const { host } = new URL(stompUrl)
  const url = `stomp://team:team@${host}/team%2Fa%20b`
  await checkBroker(url)
  // The name of it begins with a slash, and has a backslash that RabbitMQ takes for an escape
  const odd = `stomp://team:team@${host}/%2Fte%5Cam`
  await checkBroker(odd)
  await using beside = await startBridge({ broker: odd })
  expect((await fetch(`${beside.url}/ready`)).status).toBe(200)
  // An empty one is that of no name
  await checkBroker(`stomp://foo:bar@${host}/`)
  for (const none of ['', '/', '/other'])
    await expect(checkBroker(`stomp://team:team@${host}${none}`)).rejects.toMatchObject({ code: 'not_authenticated' })
  await using bridge = await startBridge({ broker: url })
  await using _ = await startWorker({ url, tasks: [implement(task, input => input)], signals: false })
  await using direct = await startMaster({ url })
  expect(await direct.run('team.echo', 'direct', { timeoutMs: 10_000 })).toBe('direct')
  await using bridged = await startMaster({ url: `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp` })
  expect(await bridged.run('team.echo', 'bridged', { timeoutMs: 10_000 })).toBe('bridged')
})

test.for(brokerNames.filter(name => name !== 'rabbitmq'))('%s has none and takes an address with one', async name => {
  if (isMissing(name)) return
  await checkBroker(`${(await sharedBroker(name)).stompUrl}/team`)
})
