/**
 * A job that waited while its bridge got another secret: it goes to dead, and an operator who trusts its headers sends it
 * again.
 */
import { expect, test } from 'vitest'
import { allGrants } from '../../shared/contract/grants.ts'
import { startMaster } from '../../shared/master/node.ts'
import { connectStomp, type Incoming } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { startBridgeProcess } from '../support/system/bridge-process.ts'
import { echo } from '../support/system/tasks.ts'
import { startWorkerProcess } from '../support/system/worker-process.ts'
import { until, within } from '../support/until.ts'

test('a letter of a job with a pass of the old secret, sent again as operations.md says, ends its job', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('secret')
  const users = [{ login: 'foo', password: 'bar', grants: { ...allGrants, ns: namespace } }]
  await using bridge = await startBridgeProcess(stompUrl, { users })
  const url = bridge.url.replace('//', '//foo:bar@')
  await using master = await startMaster({ url, namespace })
  const job = master.dispatch(echo, { text: 'x' }, { timeoutMs: 60_000 })
  await job.sent
  await bridge.restart(true)
  await using _worker = await startWorkerProcess('node', { url, namespace, name: 'w', tasks: [echo.name] })
  await using operator = connectStomp({ url: stompUrl, namespace, createSocket: createNodeSocket })
  await operator.opened()
  const letters: Incoming[] = []
  await operator.subscribe({ destination: `/queue/${namespace}.dead` }, letter => void letters.push(letter)).ready
  const letter = await until('its letter is there', () => letters[0], { evidence: () => bridge.log() })
  expect(job.snapshot.phase.at, 'its master is not told').toBe('sent')

  const { task, error } = JSON.parse(letter.body) as { task: string; error: { message: string } }
  expect(error.message).toContain('or of a bridge with another secret')
  const replyTo = /reply-to "([^"]+)"/.exec(error.message)?.[1] ?? ''
  const headers = { 'correlation-id': letter.headers['correlation-id'] ?? '', 'reply-to': replyTo, persistent: 'true' }
  await operator.publish({ destination: `/queue/${namespace}.tasks.${task}`, headers, body: letter.body })
  letter.ack()
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: { text: 'x', by: 'w' } })
})
