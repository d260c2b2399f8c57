import { expect, test } from 'vitest'
import { Grants, Namespace } from './grants.ts'

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
