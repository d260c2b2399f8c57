import { expect, test } from 'vitest'
import { DroverError } from '../shared/contract/mod.ts'
import { artemis, type Outgoing } from '../shared/stomp/mod.ts'
import { Commits } from './commits.ts'
import type { Handed } from './handed.ts'
import { fakeStomp } from './testing.ts'

const message = (body: string, once?: string): Outgoing => ({ destination: '/queue/myapp.reply', body, once })

/** A broker that remembers ids as Artemis does. */
function ground() {
  const stomp = fakeStomp()
  stomp.become({
    at: 'open',
    session: { dialect: artemis, owner: 'foo', namespace: 'myapp', clockOffsetMs: 0, bridged: false },
  })
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
    for (const id of ids) known.add(id)
    bodies.push(...messages.map(({ body }) => body).filter(Boolean))
  }
  stomp.transaction = async fill => {
    const before = stomp.sent.length
    await send(fill)
    await tryAll(stomp.sent.slice(before))
  }
  // Alone a second copy is dropped without a word
  stomp.publish = one => tryAll([one]).catch(() => {})
  const acked: string[] = []
  const delivery = (id: string): Handed => ({
    incoming: { headers: { 'message-id': id, 'correlation-id': 'job' }, body: '', destination: '', ack() {} },
    ack: () => {},
    settled: () => void acked.push(id),
    isGone: () => false,
    leave: () => false,
  })
  const commits = new Commits(stomp, problem => void problems.push(problem))
  return { commits, delivery, bodies, acked, problems, refusals }
}

test('Commits: of two masters’ copies, one of which was settled before, the other is', async () => {
  const { commits, delivery, bodies, acked, problems } = ground()
  await commits.commit([message('before')], [delivery('7,1')])
  const both = [delivery('8,1'), delivery('8,2')]
  const settled = await commits.commit([message('again 1'), message('again 2'), message('letter')], both)
  expect({ settled, bodies, acked }).toEqual({
    settled: { is: 'done' },
    bodies: ['before', 'again 2', 'letter'],
    acked: ['7,1', '8,1', '8,2'],
  })
  expect(problems).toEqual([expect.stringMatching(/settled before its last connection went, .*: job$/)])
})

test('Commits: a job that is given back unchanged again and again is another delivery each time', async () => {
  const { commits, delivery, bodies } = ground()
  for (const id of ['7,1', '7,2', '7,3']) await commits.commit([message('unchanged')], [delivery(id)])
  expect(bodies).toEqual(['unchanged', 'unchanged', 'unchanged'])
})

test('Commits: what ended here is sent alone when another has the job by now, and its dead letter is not', async () => {
  const { commits, delivery, bodies } = ground()
  await commits.commit([message('published again')], [delivery('7,1')])
  const mark = { destination: '/topic/myapp.settled', headers: { persistent: 'false' }, body: '', once: '1' }
  expect(await commits.commit([message('outcome', 'o'), message('letter')], [], [mark])).toEqual({ is: 'done' })
  expect(bodies).toEqual(['published again', 'outcome'])
})

test('Commits: a broker that can commit nothing has settled nothing', async () => {
  const { commits, delivery, acked, bodies, refusals } = ground()
  const error = new DroverError('broker_error', 'AMQ339013 Error committing t-1')
  refusals.push({ of: '/topic/myapp.settled', error })
  expect((await commits.commit([message('a')], [delivery('7,1')])).is).toBe('refused')
  expect(acked).toEqual([])
  refusals.pop()
  await commits.commit([message('a')], [delivery('7,1')])
  expect({ bodies, acked }).toEqual({ bodies: ['a'], acked: ['7,1'] })
})

test('Commits: where a user may not send marks the job is settled without, and the log says what to allow', async () => {
  const { commits, delivery, bodies, acked, problems, refusals } = ground()
  const error = new DroverError('forbidden', "User w has no permission='SEND' on address /topic/myapp.settled")
  refusals.push({ of: '/topic/myapp.settled', error })
  expect(await commits.commit([message('a')], [delivery('7,1')])).toEqual({ is: 'done' })
  expect(await commits.commit([message('b')], [delivery('7,2')])).toEqual({ is: 'done' })
  expect({ bodies, acked }).toEqual({ bodies: ['a', 'b'], acked: ['7,1', '7,2'] })
  expect(problems).toEqual([expect.stringContaining('let this user send to /topic/myapp.settled')])
})
