import { expect, test } from 'vitest'
import { Namespace } from './grants.ts'
import { Grants } from './token-grants.ts'

test.each(['myapp', 'a.b', 'tasks.a', 'mytasks', 'a.tasks2', 'a.dead-letters', 'a.my_events.b'])(
  '%j is a namespace',
  ns => expect(Namespace.safeParse(ns).success).toBe(true),
)

const inside = ['tasks', 'reply', 'control', 'workers', 'events', 'dead']
test.each(inside.flatMap(name => [name, `a.${name}`, `a.${name}.b`, `a.b.${name}`]))(
  '%j would lie inside of another namespace, and is none',
  ns => {
    expect(Namespace.safeParse(ns).success).toBe(false)
    expect(Grants.safeParse({ ns }).error?.issues).toMatchObject([
      { path: ['ns'], message: expect.stringMatching(/neither its last part/) },
    ])
  },
)

test.each(['', 'A', 'a..b', '.a', 'a.', 'a/b', 'a.>', 'a'.repeat(101)])('%j is no namespace', ns =>
  expect(Namespace.safeParse(ns).success).toBe(false),
)

test.each([
  [{ dispatch: 'image.*' }, 'dispatch', 'expected a list of at most 1000 patterns, such as ["image.*"]'],
  [{ work: null }, 'work', 'expected a list of at most 1000 patterns, such as ["image.*"]'],
  [{ observe: Array(1001).fill('a') }, 'observe', 'expected a list of at most 1000 patterns, such as ["image.*"]'],
  [{ broadcast: [5] }, 'broadcast.0', 'expected a task name, "prefix.*" or "*", of at most 202 characters'],
  [
    { dispatch: ['a', 'a'.repeat(203)] },
    'dispatch.1',
    'expected a task name, "prefix.*" or "*", of at most 202 characters',
  ],
  [{ operate: true }, 'operate', 'expected a list of at most 1000 patterns, such as ["image.*"]'],
  [{ workers: 'true' }, 'workers', 'expected true or false'],
  [{ dead: 1 }, 'dead', 'expected true or false'],
  [{ ns: 5 }, 'ns', 'expected a text of 1 to 100 characters'],
  [{ ns: 'a'.repeat(101) }, 'ns', 'expected a text of 1 to 100 characters'],
  [['image.*'], '', 'expected an object of grants, such as {"dispatch":["image.*"]}'],
])('%j is refused, and the error says the expected value', (grants, path, message) => {
  const issues = Grants.safeParse(grants).error?.issues.map(issue => [issue.path.join('.'), issue.message])
  expect(issues).toEqual([[path, message]])
})
