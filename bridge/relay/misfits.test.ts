import { expect, test } from 'vitest'
import { noGrants } from '../../shared/contract/grants.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'
import { classic, embedded } from '../../shared/stomp/dialects/mod.ts'
import { compilePolicy } from '../grants/policy.ts'
import { Misfits } from './misfits.ts'
import { UnconfirmedDeadLetters } from './unconfirmed-dead-letters.ts'

function ground(dialect: typeof classic) {
  const sent = new FrameScanner()
  const frames: ScannedFrame[] = []
  const grants = { ...noGrants, work: ['*'] }
  const misfits = new Misfits({
    policy: compilePolicy({ grants, owner: 'rex', isConfiguredUser: false, dialect }),
    version: '1.2',
    maxBodyBytes: 100_000,
    deadLetters: new UnconfirmedDeadLetters(),
    toBroker: bytes => void frames.push(...sent.push(bytes)),
    onMisfit: () => {},
    now: () => 1,
    newId: () => crypto.randomUUID(),
  })
  const request_id = '9bd8497c-ad01-4612-ab64-708ec7e81acb'
  const input = 'x'.repeat(9_000)
  const frame = new FrameScanner().push(
    encodeFrame('MESSAGE', [['destination', '/queue/myapp.tasks.a']], JSON.stringify({ request_id, task: 'a', input })),
  )[0]!
  const bring = (ackId: string): void =>
    misfits.sendToDead({
      frame,
      subscription: 's',
      ackId,
      said: { destination: '/queue/myapp.tasks.a', replyTo: '', sender: '' },
      reason: 'is of another secret',
      header: () => undefined,
    })
  bring('7')
  return { misfits, frames, request_id, input, bring }
}

const textOf = ({ body }: { body: Uint8Array }) => JSON.parse(new TextDecoder().decode(body))

test('a letter that finds no room ends no session: it goes without the input, and then its job is acknowledged', () => {
  const { misfits, frames, request_id, input } = ground(embedded)
  const whole = frames.shift()!
  expect(whole.header('on-full')).toBe('receipt')
  expect(textOf(whole)).toMatchObject({ request_id, input })
  expect(misfits.confirmed(whole.header('receipt')!, true)).toBe(true)
  const smaller = frames.shift()!
  expect(smaller.header('destination')).toBe('/queue/myapp.dead')
  expect(textOf(smaller)).toMatchObject({ request_id, input_omitted: true, error: { code: 'rejected' } })
  expect(frames).toEqual([])
  expect(misfits.confirmed(smaller.header('receipt')!, false)).toBe(true)
  expect(frames.map(({ command }) => command)).toEqual(['ACK'])
  expect(misfits.isWaiting).toBe(false)
})

test('where the broker has no such refusal the letter asks for none', () => {
  const { misfits, frames } = ground(classic)
  const whole = frames.shift()!
  expect(whole.header('on-full')).toBe(undefined)
  expect(misfits.confirmed(whole.header('receipt')!, false)).toBe(true)
  expect(frames.map(({ command }) => command)).toEqual(['ACK'])
})

test('letters that wait at once have a receipt each, by which its own job is acknowledged', () => {
  const { misfits, frames, bring } = ground(classic)
  bring('8')
  const receipts = frames.splice(0).map(frame => frame.header('receipt')!)
  for (const receipt of receipts.toReversed()) expect(misfits.confirmed(receipt, false)).toBe(true)
  expect(frames.map(frame => frame.header('id'))).toEqual(['8', '7'])
})
