import { expect, test } from 'vitest'
import { DroverError, isFence } from '../../shared/contract/mod.ts'
import { artemis, type Outgoing } from '../../shared/stomp/mod.ts'
import { fakeDelivery, fakeStomp } from '../testing.ts'
import { marksOf } from './marks.ts'
import { Transactions } from './transactions.ts'

const message = (body: string): Outgoing => ({ destination: '/queue/myapp.tasks.t', body })
const outcome = (body: string, once: string): Outgoing => ({ destination: '/queue/myapp.reply', body, once })

const session = { dialect: artemis, owner: 'foo', namespace: 'myapp', clockOffsetMs: 0, bridged: false }

/** A broker that remembers ids as Artemis does. */
function setUp() {
  const stomp = fakeStomp()
  stomp.become({ at: 'open', session })
  const known = new Set<string>()
  const bodies: string[] = []
  const problems: string[] = []
  const refusals: { of: string; error: DroverError }[] = []
  const send = stomp.transaction
  const tryAll = async (messages: readonly Outgoing[]): Promise<void> => {
    const ids = messages.flatMap(({ destination, once }) => (once === undefined ? [] : [`${destination} ${once}`]))
    const refused = refusals.find(({ of }) => messages.some(({ destination }) => destination === of))
    if (refused) throw refused.error
    if (ids.some(id => known.has(id))) throw new DroverError('broker_error', 'AMQ339013 Error committing t-1')
    await new Promise(resolve => setImmediate(resolve)) // it remembers an id once that is on its disk
    for (const id of ids) known.add(id)
    bodies.push(...messages.map(({ body }) => body).filter(body => !isFence(body)))
  }
  stomp.transaction = async fill => {
    const before = stomp.sent.length
    await send(fill)
    await tryAll(stomp.sent.slice(before))
  }
  // Alone a second copy is dropped without a word
  stomp.publish = one => tryAll([one]).catch(() => {})
  const acked: string[] = []
  const inVain: string[] = []
  const delivery = (id: string) =>
    fakeDelivery({
      incoming: { headers: { 'message-id': id, 'correlation-id': 'job' }, body: '', destination: '', ack() {} },
      settled: () => void acked.push(id),
      refused: () => void inVain.push(id),
    })
  const transactions = new Transactions({
    stomp,
    problem: problem => void problems.push(problem),
    newId: () => crypto.randomUUID(),
  })
  return { transactions, delivery, bodies, acked, inVain, problems, refusals, sent: () => stomp.sent.length }
}

test('Transactions: of two masters’ copies, one of which was settled before, the other is', async () => {
  const { transactions, delivery, bodies, acked, problems } = setUp()
  await transactions.commit([message('before')], [delivery('7,1')])
  const both = [delivery('8,1'), delivery('8,2')]
  const settled = await transactions.commit([message('again 1'), message('again 2'), message('letter')], both)
  expect({ settled, bodies, acked }).toEqual({
    settled: { is: 'done' },
    bodies: ['before', 'again 2', 'letter'],
    acked: ['7,1', '8,1', '8,2'],
  })
  expect(problems).toEqual([expect.stringMatching(/settled before its last connection went, .*: job$/)])
})

test('Transactions: of two that settle a delivery at the same time the second waits for the first', async () => {
  const { transactions, delivery, bodies } = setUp()
  const marks = marksOf(session, [delivery('7,1')])
  const resent = transactions.commit([outcome('outcome', '1'), message('letter')], [], marks)
  const repeated = transactions.commit([outcome('outcome', '1'), message('letter')], [delivery('8,1')])
  expect(await Promise.all([resent, repeated])).toEqual([{ is: 'done' }, { is: 'done' }])
  expect(bodies).toEqual(['outcome', 'letter'])
})

test('Transactions: a job that is given back unchanged again and again is another delivery each time', async () => {
  const { transactions, delivery, bodies } = setUp()
  for (const id of ['7,1', '7,2', '7,3']) await transactions.commit([message('unchanged')], [delivery(id)])
  expect(bodies).toEqual(['unchanged', 'unchanged', 'unchanged'])
})

test('Transactions: of a job that ended here nothing is sent when it is another’s by now, but to a master for which it is new', async () => {
  const { transactions, delivery, bodies } = setUp()
  await transactions.commit([message('published again')], [delivery('7,1')])
  const all = [outcome('outcome', '1'), outcome('to another', '2'), message('letter')]
  const marks = marksOf(session, [delivery('7,1'), delivery('7,2')])
  expect(await transactions.commit(all, [], marks)).toEqual({ is: 'elsewhere' })
  expect(bodies).toEqual(['published again', 'to another'])
})

test('Transactions: an outcome is its own mark, before and after anything else settles its delivery', async () => {
  const { transactions, delivery, bodies, sent } = setUp()
  await transactions.commit([outcome('first', '1')], [delivery('7,1')])
  expect(sent()).toBe(1)
  await transactions.commit([message('published again')], [delivery('8,1')])
  await transactions.commit([message('published again')], [delivery('8,2')])
  await transactions.commit([outcome('second', '2')], [delivery('9,2')])
  expect(bodies).toEqual(['first', 'published again'])
})

test('Transactions: a broker that can commit nothing has settled nothing', async () => {
  const { transactions, delivery, acked, inVain, bodies, refusals } = setUp()
  const error = new DroverError('broker_error', 'AMQ339013 Error committing t-1')
  refusals.push({ of: '/queue/myapp.reply', error })
  expect((await transactions.commit([message('a')], [delivery('7,1')])).is).toBe('refused')
  expect({ acked, inVain }).toEqual({ acked: [], inVain: ['7,1'] })
  refusals.pop()
  await transactions.commit([message('a')], [delivery('7,1')])
  expect({ bodies, acked }).toEqual({ bodies: ['a'], acked: ['7,1'] })
})

test('Transactions: messages are sent without a mark that may not be sent where their job is answered', async () => {
  const { transactions, delivery, bodies, acked, refusals } = setUp()
  const error = new DroverError('forbidden', "User w has no permission='SEND' on address /queue/myapp.reply")
  refusals.push({ of: '/queue/myapp.reply', error })
  expect(await transactions.commit([message('a')], [delivery('7,1')])).toEqual({ is: 'done' })
  expect(await transactions.commit([message('b')], [delivery('7,2')])).toEqual({ is: 'done' })
  expect({ bodies, acked }).toEqual({ bodies: ['a', 'b'], acked: ['7,1', '7,2'] })
})
