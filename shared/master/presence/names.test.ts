import { expect, test } from 'vitest'
import { Names } from './names.ts'

test('one that comes under a name looks at the last hundred of those before it, and at none when it comes again', () => {
  const names = new Names()
  const workers = Array.from({ length: 1_000 }, (_, n) => ({ worker_id: `w${n}`, name: 'same' }))
  const looked = workers.map(worker => names.named(worker, undefined).length)
  expect(Math.max(...looked)).toBe(100)
  expect(names.named(workers[0]!, workers[0])).toEqual([])
  expect(names.named({ worker_id: 'new', name: 'same' }, undefined).at(-1)).toBe('w999')
  for (const worker of [...workers, { worker_id: 'new', name: 'same' }]) names.remove(worker)
  expect(names.named({ worker_id: 'last', name: 'same' }, undefined)).toEqual([])
})
