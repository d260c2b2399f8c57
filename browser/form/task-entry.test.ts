import { expect, test } from 'vitest'
import { TaskEntry } from './task-entry.ts'

const schema = (...keys: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(keys.map(key => [key, { type: 'string' }])),
})
const write = (tasks: TaskEntry, text: string): void => {
  tasks.entry!.showJson()
  tasks.entry!.editText(text)
  tasks.entry!.showFields()
}

test('nothing is shown while a schema may still be announced', () => {
  const tasks = new TaskEntry()
  expect(tasks.follow({ task: 'a', schema: undefined, isPending: true })).toBe('other')
  expect(tasks.entry).toBeUndefined()
  expect(tasks.follow({ task: 'a', schema: undefined, isPending: true })).toBe('same')
  expect(tasks.follow({ task: 'a', schema: schema('x'), isPending: false })).toBe('renewed')
  expect(tasks.entry?.problem).toBeUndefined()
})

test('without a schema it is JSON, and text that is written there stays when one is announced', () => {
  const tasks = new TaskEntry()
  tasks.follow({ task: 'a', schema: undefined, isPending: false })
  tasks.entry!.editText('{"x": "half')
  expect(tasks.follow({ task: 'a', schema: schema('x'), isPending: false })).toBe('renewed')
  expect([tasks.entry?.isJson, tasks.entry?.text]).toEqual([true, '{"x": "half'])
  expect(tasks.entry?.problem).toBeUndefined()
})

test('the same schema announced again changes nothing, and none keeps the one before', () => {
  const tasks = new TaskEntry()
  tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  const { entry } = tasks
  expect(tasks.follow({ task: 'a', schema: schema('x'), isPending: false })).toBe('same')
  expect(tasks.follow({ task: 'a', schema: undefined, isPending: true })).toBe('same')
  expect(tasks.entry).toBe(entry)
})

test('another schema keeps the entry of a person, and otherwise begins anew', () => {
  const tasks = new TaskEntry()
  tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  write(tasks, '{"x": "kept"}')
  tasks.follow({ task: 'a', schema: schema('x', 'y'), isPending: false })
  expect([tasks.value, tasks.entry?.isEdited]).toEqual([{ x: 'kept' }, true])
  tasks.reset()
  tasks.follow({ task: 'a', schema: schema('z'), isPending: false })
  expect(tasks.value).toEqual({})
})

test('the entry for a task is there when one comes back to it', () => {
  const tasks = new TaskEntry()
  tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  write(tasks, '{"x": "of a"}')
  expect(tasks.follow({ task: 'b', schema: schema('x'), isPending: false })).toBe('other')
  expect(tasks.value).toEqual({})
  tasks.follow({ task: undefined, schema: undefined, isPending: false })
  expect(tasks.entry).toBeUndefined()
  tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  expect(tasks.value).toEqual({ x: 'of a' })
})

test('a value that a host sets early is used when there are fields', () => {
  const tasks = new TaskEntry()
  tasks.value = { x: 'early' }
  expect(tasks.value).toEqual({ x: 'early' })
  tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  write(tasks, '{}')
  tasks.reset()
  expect(tasks.value).toEqual({ x: 'early' })
})

test('a value that is set with another task is for that one, and nothing that was entered before is lost', () => {
  const tasks = new TaskEntry()
  const follow = (task: string) => tasks.follow({ task, schema: schema('x'), isPending: false })
  follow('a')
  write(tasks, '{"x": "of a"}')
  follow('b')
  write(tasks, '{"x": "of b"}')
  tasks.value = { x: 'set' }
  expect(tasks.value).toEqual({ x: 'set' })
  expect(follow('a')).toBe('other')
  expect([tasks.value, tasks.entry?.isEdited]).toEqual([{ x: 'set' }, false])
  follow('b')
  expect(tasks.value).toEqual({ x: 'of b' })
  follow('c')
  expect(tasks.value).toEqual({})
  follow('a')
  expect(tasks.value).toEqual({ x: 'set' })
})

test('a value that is set for the same task takes the place of the entry', () => {
  const tasks = new TaskEntry()
  const follow = () => tasks.follow({ task: 'a', schema: schema('x'), isPending: false })
  follow()
  write(tasks, '{"x": "typed"}')
  tasks.value = { x: 'set' }
  follow()
  expect(tasks.entry?.value).toEqual({ x: 'set' })
  write(tasks, '{"x": "typed"}')
  tasks.value = undefined
  follow()
  expect(tasks.value).toEqual({})
})
