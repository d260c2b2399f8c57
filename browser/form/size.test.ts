import { expect, test } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { jobMessage } from '../../shared/master/dispatch/job-message.ts'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import type { Master, SealInfo } from '../../shared/master/mod.ts'
import { createSeal, newKey, publicKeys } from '../../shared/seal/mod.ts'
import { embedded } from '../../shared/stomp/dialects/embedded.ts'
import type { BrokerSession } from '../../shared/stomp/mod.ts'
import { tooLargeToSend } from './size.ts'

const master = (
  maxFrameBytes: number | undefined,
  recipients?: readonly string[],
): Pick<Master, 'connection' | 'seal'> => {
  const session = { owner: 'foo', namespace: 'a', bridged: true, dialect: embedded }
  const connection = { at: 'open', session: { ...session, ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }) } }
  return {
    connection: connection as Master['connection'],
    seal: recipients && ({ recipients, problem: undefined, isUnkept: false } satisfies SealInfo),
  }
}

test('an input is told to be too large as it is sent: sealed, it is larger', () => {
  const input = 'x'.repeat(10_000)
  expect(tooLargeToSend(input, master(undefined))).toBeUndefined()
  expect(tooLargeToSend(input, master(12_000))).toBeUndefined()
  expect(tooLargeToSend(input, master(10_000))).toMatch(/^This input is too large to be sent: it has at least 10,302/)
  expect(tooLargeToSend(input, master(12_000, ['k']))).toMatch(/sealed, it has at least 14,\d\d\d bytes/)
})

test.each(['x25519', 'p-256', 'shared'] as const)('none is that still fits, sealed by %s', async kind => {
  const keys = { keys: [await newKey(kind), await newKey(kind), await newKey(kind)] }
  const all = kind === 'shared' ? keys : publicKeys(keys)
  for (const count of [1, 3]) {
    const seal = createSeal({ keys: { keys: all.keys.slice(0, count) } }, { clock: systemClock, problem() {} })
    await seal.ready()
    for (const input of [1, 'ü€'.repeat(1000), { text: 'x'.repeat(50_000) }]) {
      const bytes = await bytesOf(input, seal)
      expect(tooLargeToSend(input, master(bytes, seal.recipients)), `${bytes} bytes`).toBeUndefined()
      expect(tooLargeToSend(input, master(bytes - 900 - 300 * count, seal.recipients))).toBeDefined()
    }
  }
})

/** Of the whole job, without its headers. */
async function bytesOf(input: unknown, seal: ReturnType<typeof createSeal>): Promise<number> {
  const request_id = '00000000-0000-4000-8000-000000000000'
  const job = newJobState({ request_id, task: 't', mode: 'queue', input, timeout_ms: 1, created_at: 1, sealed: true })
  const { session } = master(undefined).connection as { session: BrokerSession }
  const binding = { namespace: 'a', task: 't', request_id, attempt: 1, expires_at: 1 }
  const { body } = await jobMessage(job, session, {
    secrets: { whole: one => one },
    deadlines: { remaining: () => 1 },
    current: { brokerNow: () => 1, replyTo: '/queue/a' },
    seals: { seal: () => seal.sealJob(binding, input, seal.newReplyKey()) },
  })
  return new TextEncoder().encode(body).length
}
