import { expect, test, vi } from 'vitest'
import { ago, count, duration, shortId, wholeSeconds } from './format.ts'

test('durations have two units at most', () => {
  const shown = [-5, 0, 840, 3_240, 9_949, 9_960, 59_400, 60_000, 243_000, 7_500_000, 273_600_000].map(duration)
  expect(shown).toEqual([
    '0 ms',
    '0 ms',
    '840 ms',
    '3.2 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min',
    '4 min 3 s',
    '2 h 5 min',
    '3 d 4 h',
  ])
})

test('a duration that counts while one looks is in whole seconds', () => {
  expect([400, 4_000, 119_000].map(wholeSeconds)).toEqual(['0 s', '4 s', '1 min 59 s'])
})

test('ages have one unit', () => {
  expect([0, -5_000, 999, 48_000, 243_000, 7_500_000].map(ms => ago(1e9 - ms, 1e9))).toEqual([
    'now',
    'now',
    'now',
    '48s ago',
    '4m ago',
    '2h ago',
  ])
})

test("ages are in the language of the document, or in the browser's where it says none that is known", () => {
  const inLanguage = (lang: string) => {
    vi.stubGlobal('document', { documentElement: { lang } })
    return ago(0, 7_500_000)
  }
  try {
    expect(inLanguage('de')).toBe('vor 2 Std.')
    expect(inLanguage('fr')).toContain('2 h')
    expect(inLanguage('no_language!')).toBe(inLanguage(''))
  } finally {
    vi.unstubAllGlobals()
  }
})

test('counts agree with their noun', () => {
  expect([0, 1, 2].map(n => count(n, 'job'))).toEqual(['0 jobs', '1 job', '2 jobs'])
  expect(count(2, 'job waits', 'jobs wait')).toBe('2 jobs wait')
})

test('of an id that is a UUID lists show 8 characters; others, which people chose, tell apart at their ends', () => {
  expect(shortId('3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11')).toBe('3f0cdd1c')
  expect(['unnamed-1', 'unnamed-2', 'python-worker-12'].map(shortId)).toEqual([
    'unnamed-1',
    'unnamed-2',
    'python-worker-12',
  ])
  expect(shortId(`build-${'x'.repeat(60)}-12`)).toBe('build-xxxx…xxxxxx-12')
  expect(shortId('')).toBe('')
})
