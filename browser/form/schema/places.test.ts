import { expect, test } from 'vitest'
import { toDraft } from './draft.ts'
import { placeIssues, shownPaths } from './places.ts'
import { readSchema } from './read.ts'

test('an issue is placed at its field, else at the nearest around it', () => {
  const { field } = readSchema({
    type: 'object',
    properties: {
      files: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' } } } },
      step: { type: ['string', 'integer'] },
    },
  })
  const paths = shownPaths(field, toDraft(field, { files: [{ path: 'a' }], step: 2 }))
  expect([...paths]).toEqual(['', 'files', 'files.0', 'files.0.path', 'step'])
  const issues = [
    { path: 'files.0.path', message: 'not there' },
    { path: 'files.7.path', message: 'odd' },
    { path: 'other.thing', message: 'unknown' },
    { path: '', message: 'all of it' },
  ]
  expect([...placeIssues(issues, paths)]).toEqual([
    ['files.0.path', ['not there']],
    ['files', ['7.path: odd']],
    ['', ['other.thing: unknown', 'all of it']],
  ])
})
