/** A job whose `sealed` holds no sealed body is refused at once by each worker, whether it has keys or seals nothing. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { newKey } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { connectRaw } from '../support/raw-stomp.ts'

const task = defineTask('unlike.task', { input: z.unknown(), output: z.string() })
const whole = { protected: 'e30', iv: 'A'.repeat(16), ciphertext: '', tag: 'A'.repeat(22) }
const bodies: readonly unknown[] = [
  null,
  5,
  'text',
  [],
  {},
  { recipients: null },
  { recipients: {} },
  { ...whole, recipients: [null] },
  { ...whole, recipients: [{ header: null }] },
  { ...whole, protected: null },
  whole, // it names nobody
]

test.for(['has keys', 'seals nothing'])('a worker that %s refuses what is no sealed body', async which => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('unlike')
  const problems: WorkerEvent[] = []
  await using _ = await startWorker({
    url,
    namespace,
    signals: false,
    seal: which === 'has keys' ? { keys: { keys: [await newKey('x25519')] } } : undefined,
    tasks: [implement(task, () => 'ran')],
    onEvent: event => void (event.type === 'problem' && problems.push(event)),
  })
  await using raw = await connectRaw(url)
  await raw.subscribe(`/queue/${namespace}.reply`)
  for (const sealed of bodies) {
    const request_id = crypto.randomUUID()
    const body = JSON.stringify({ v: 1, request_id, task: task.name, sealed })
    await raw.confirmed('SEND', { destination: `/queue/${namespace}.tasks.${task.name}` }, body)
    const { type, request_id: about, issues } = JSON.parse((await raw.next({ command: 'MESSAGE' })).body)
    expect([about, type], JSON.stringify(sealed)).toEqual([request_id, 'rejected'])
    expect(issues[0].message).toMatch(/^This sealed body (is no JWE in JSON|names no key)/)
  }
  expect(problems).toEqual([])
})
