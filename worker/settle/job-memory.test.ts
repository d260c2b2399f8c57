import { expect, test } from 'vitest'
import { fakeEndedJob } from '../testing.ts'
import { JobMemory } from './job-memory.ts'

const ended = (request_id: string, body = '', untilAt = 1_000) => fakeEndedJob({ request_id, body, untilAt })

test('JobMemory gives back the outcome it was told to keep, byte for byte, until its time is over', () => {
  const memory = new JobMemory()
  const kept = ended('1', '{"seq":4}')
  memory.keep(kept, 0)
  memory.settled('1')
  expect(memory.ended('1', 999)).toBe(kept)
  expect(memory.ended('1', 1_000)).toBeUndefined()
})

test('JobMemory forgets the oldest settled outcomes past its count', () => {
  const memory = new JobMemory({ count: 2, characters: 1_000 })
  for (const id of ['1', '2', '3']) {
    memory.keep(ended(id), 0)
    memory.settled(id)
  }
  expect(['1', '2', '3'].map(id => memory.ended(id, 0)?.request_id)).toEqual([undefined, '2', '3'])
})

test('JobMemory forgets the oldest settled outcomes past its size', () => {
  const memory = new JobMemory({ count: 100, characters: 25 })
  for (const id of ['1', '2', '3']) {
    memory.keep(ended(id, 'ten chars.'), 0)
    memory.settled(id)
  }
  expect(['1', '2', '3'].map(id => memory.ended(id, 0)?.request_id)).toEqual([undefined, '2', '3'])
})

test('JobMemory counts what is sealed for each master of a job by itself', () => {
  const memory = new JobMemory({ count: 100, characters: 55 })
  const answerTo = (id: string, master: string, body: string): void =>
    memory.answer(id, { message: { destination: `/queue/${master}`, body }, connection: 1 })
  for (const id of ['1', '2', '3']) {
    memory.keep(ended(id, 'ten chars.'), 0)
    answerTo(id, 'another', 'ten chars.') // the same for all
    answerTo(id, 'third', 'ten others')
    answerTo(id, 'third', 'ten more 1')
    memory.settled(id)
  }
  memory.keep(ended('4'), 0)
  expect(['1', '2', '3'].map(id => memory.ended(id, 0)?.request_id)).toEqual([undefined, '2', '3'])
})

test('JobMemory never forgets an outcome that no broker has confirmed, beyond its bounds and its time', () => {
  const memory = new JobMemory({ count: 1, characters: 1 })
  for (const id of ['1', '2', '3']) memory.keep(ended(id, 'long', 1), 0)
  expect(memory.unsettled().map(({ request_id }) => request_id)).toEqual(['1', '2', '3'])
  expect(memory.ended('1', 5_000)?.request_id).toBe('1')
  memory.settled('2')
  memory.keep(ended('4', 'long', 9_000), 5_000)
  expect(memory.ended('2', 0)).toBeUndefined()
  expect(memory.unsettled()).toHaveLength(3)
})

test('JobMemory replaces an outcome of the same job without counting it twice', () => {
  const memory = new JobMemory({ count: 10, characters: 20 })
  for (let i = 0; i < 5; i++) memory.keep(ended('1', 'ten chars.'), 0)
  memory.keep(ended('2', 'ten chars.'), 0)
  memory.settled('1')
  memory.settled('2')
  expect(memory.ended('1', 0)).toBeDefined()
})

test('JobMemory keeps cancelled ids by task, until their time, and only so many', () => {
  const memory = new JobMemory({ count: 2, characters: 1 })
  memory.cancel('a', '1', 'enough', 100)
  expect(memory.cancelled('a', '1', 99)).toMatchObject({ reason: 'enough' })
  expect(memory.cancelled('b', '1', 99)).toBeUndefined()
  expect(memory.cancelled('a', '1', 100)).toBeUndefined()
  memory.cancel('a', '2', undefined, 100)
  memory.cancel('a', '3', undefined, 100)
  expect(memory.cancelled('a', '1', 0)).toBeUndefined()
  expect(memory.cancelled('a', '3', 0)).toBeDefined()
})

test('JobMemory remembers no job for longer than it may, however far its deadline is', () => {
  const memory = new JobMemory({ count: 10, characters: 100, ageMs: 50 })
  for (const id of ['1', '2']) memory.keep(ended(id, '', 9_000), 100)
  memory.settled('1')
  expect([149, 150].map(now => memory.ended('1', now)?.request_id)).toEqual(['1', undefined])
  expect(memory.ended('2', 150)?.request_id, 'no broker has it yet').toBe('2')
})
