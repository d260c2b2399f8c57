import { expect, test } from 'vitest'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import { JobSearch, wordsOf } from './search.ts'

const job = newJobState({
  request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  task: 'image.thumbnail',
  mode: 'queue',
  input: { path: 'pictures/dusk.jpg' },
  timeout_ms: 1,
  tags: ['Order 17', 'nightly'],
  created_at: 0,
})

test.each([
  ['nightly', true],
  ['order 17', true],
  ['17 dusk thumbnail', true],
  ['order 18', false],
])('a job is found by its tags, as by its task, id and input: %s', (query, isFound) => {
  expect(new JobSearch().matches(job, wordsOf(query))).toBe(isFound)
})
