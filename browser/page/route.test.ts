import { expect, test } from 'vitest'
import { hashOf, type Route, readJobLink, readRoute, readSignIn } from './route.ts'

test('every route survives its address', () => {
  const routes: Route[] = [
    { view: 'jobs' },
    { view: 'jobs', id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11' },
    { view: 'workers' },
    { view: 'workers', id: 'a worker/with #odd? %20 names' },
    { view: 'dispatch' },
  ]
  for (const route of routes) expect(readRoute(hashOf(route))).toEqual(route)
})

test('an address that means nothing leads to the jobs', () => {
  for (const hash of ['', '#', '#/', '#/nothing', '#/jobs/a/b', '#//evil.example', '#sign-in=abc']) {
    expect(readRoute(hash)).toEqual({ view: 'jobs' })
  }
  expect(readRoute('#/workers/%zz')).toEqual({ view: 'workers', id: '%zz' })
})

test('only a sign-in link holds a secret', () => {
  expect(readSignIn('#sign-in=0aF_-9')).toBe('0aF_-9')
  expect(readSignIn('#sign-in=')).toBeUndefined()
  expect(readSignIn('#/jobs')).toBeUndefined()
})

test('a link to a job has its token in the fragment, and nothing beside it', () => {
  expect(readJobLink('#job=eyJ.a-b_c.d')).toBe('eyJ.a-b_c.d')
  for (const hash of ['', '#job=', '#job', '#/jobs/x', '#job=a b', '#job=a/b', '#job=a#b', '#sign-in=a', '#/job=a']) {
    expect(readJobLink(hash), hash).toBe(undefined)
  }
})
