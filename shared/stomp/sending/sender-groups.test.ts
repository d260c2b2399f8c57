import { expect, test } from 'vitest'
import { DroverError } from '../../contract/errors.ts'
import { groupTransactions } from './groups.ts'
import type { Step } from './transaction.ts'

const sending = (body: string): Step[] => [{ send: { destination: '/queue/q', body } }]
const bodies = (steps: readonly Step[]): string[] => steps.map(step => ('send' in step ? step.send.body : 'ack'))

/** A broker that answers when told to. */
function ground() {
  const commits: { bodies: string[]; answer(error?: Error): void }[] = []
  const group = groupTransactions(
    steps =>
      new Promise((resolve, reject) => {
        commits.push({ bodies: bodies(steps), answer: error => (error ? reject(error) : resolve()) })
      }),
  )
  const answered = async (at: number, error?: Error): Promise<void> => {
    await expect.poll(() => commits.length).toBe(at + 1)
    commits[at]?.answer(error)
  }
  return { commits, group: group.commit, idle: group.idle, answered }
}

test('the first leaves at once, and those that come meanwhile leave together after it', async () => {
  const { commits, group, idle, answered } = ground()
  const all = Promise.all(['a', 'b', 'c'].map(body => group(sending(body))))
  expect(commits.map(one => one.bodies)).toEqual([['a']])
  await answered(0)
  await answered(1)
  await idle()
  await all
  expect(commits.map(one => one.bodies)).toEqual([['a'], ['b', 'c']])
})

test('when a group is refused, each is tried by itself and only the culprit is rejected', async () => {
  const { commits, group, answered } = ground()
  const refusal = new DroverError('forbidden', 'not there')
  const all = Promise.allSettled(['a', 'good', 'bad', 'too'].map(body => group(sending(body))))
  await answered(0)
  await answered(1, refusal)
  await answered(2)
  await answered(3, refusal)
  await answered(4)
  expect((await all).map(one => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(commits.map(one => one.bodies)).toEqual([['a'], ['good', 'bad', 'too'], ['good'], ['bad'], ['too']])
})

test('a loss is told to all of a group, and nothing is tried again', async () => {
  const { commits, group, answered } = ground()
  const lost = new DroverError('connection_lost', 'gone')
  const all = Promise.allSettled(['a', 'b', 'c'].map(body => group(sending(body))))
  await answered(0)
  await answered(1, lost)
  expect((await all).map(one => one.status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(commits).toHaveLength(2)
})

test('a group is bounded in number and in size', async () => {
  const { commits, group, answered } = ground()
  const large = 'x'.repeat(200 * 1024)
  const all = Promise.all(['a', large, large, ...Array<string>(65).fill('b')].map(body => group(sending(body))))
  for (let at = 0; at < 4; at++) await answered(at)
  await all
  expect(commits.map(one => one.bodies.length)).toEqual([1, 1, 64, 2])
})
