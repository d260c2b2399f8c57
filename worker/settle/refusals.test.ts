import { expect, test } from 'vitest'
import { Refusals } from './refusals.ts'

const to = (...names: string[]) => names.map(name => ({ destination: `/queue/${name}`, body: '{}' }))
const error = { name: 'DroverError', code: 'forbidden', message: 'no', retryable: false }

test('a refusal counts once, for messages of the same job to the same places', () => {
  const refusals = new Refusals(2)
  refusals.keep('1', to('reply'), error)
  expect([refusals.of('1', to('reply')), refusals.of('2', to('reply'))]).toEqual([error, undefined])
  expect([refusals.take('1', to('reply')), refusals.take('1', to('reply'))]).toEqual([error, undefined])
  refusals.keep('1', to('tasks.a'), error)
  expect(refusals.take('1', to('reply')), 'it was about another message').toBeUndefined()
})

test('of more jobs than are remembered the oldest is forgotten', () => {
  const refusals = new Refusals(2)
  for (const id of ['1', '2', '3']) refusals.keep(id, to('reply'), error)
  expect(['1', '2', '3'].map(id => refusals.of(id, to('reply')) !== undefined)).toEqual([false, true, true])
})
