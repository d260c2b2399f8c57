import { describe, expect, test } from 'vitest'
import { Origins } from './origins.ts'

describe('a star', () => {
  const origins = new Origins({
    origins: ['https://*.shop.example', 'http://*.Dev.shop.test:8080', 'https://a.example'],
  })
  test.each([
    'https://pr-7.shop.example',
    'https://a_b.shop.example',
    'https://xn--bcher-kva.shop.example',
    'http://pr-7.dev.shop.test:8080',
    'https://a.example',
  ])('stands for one label: %s', origin => {
    expect([origins.isAllowed(origin), origins.isListed(origin)]).toEqual([true, true])
    expect(origins.isAllowed(origin, 'https')).toBe(true)
  })
  test.each([
    'https://shop.example',
    'https://.shop.example',
    'https://a.b.shop.example',
    'https://evil-shop.example',
    'https://evil.example',
    'https://pr-7.shop.example.evil.example',
    'https://pr-7.shop.example:8443',
    'https://evil.example#.shop.example',
    'https://evil.example/.shop.example',
    'https://user@pr-7.shop.example',
    'https://evil:1.shop.example',
    'http://pr-7.shop.example',
    'https://PR-7.shop.example',
    'https://*.shop.example',
    'http://pr-7.dev.shop.test',
    'null',
  ])('and for nothing else: %s', origin => {
    expect([origins.isAllowed(origin), origins.isListed(origin)]).toEqual([false, false])
    expect(() => origins.checkOrigin(origin)).toThrow(/is not on this bridge's list/)
  })
  test.each([
    'https://*',
    'https://*.com',
    'https://*.com:8443',
    'https://pr-*.shop.example',
    'https://*pr.shop.example',
    'https://a.*.shop.example',
    'https://*.*.shop.example',
    'https://**.shop.example',
    'https://shop.*',
    'https://*.0.0.1',
    'https://*.shop.example/',
    'https://*.shop..example',
    'https://*.shop.example:*',
    '*.shop.example',
    '*://pr.shop.example',
    'capacitor://*.shop.example',
    '*',
  ])('is refused elsewhere at the start: %s', origin => {
    expect(() => new Origins({ origins: [origin] })).toThrow(/has a "\*" where none can be; it stands for one label/)
  })
  test.each([
    ['https://*.shop.example:443', 'https://*.shop.example'],
    ['https://*.bücher.example', 'https://*.xn--bcher-kva.example'],
  ])('is written as browsers write names: %s', (origin, expected) => {
    expect(() => new Origins({ origins: [origin] })).toThrow(`expected ${expected}`)
  })
  test('is in no host', () => {
    expect(() => new Origins({ hosts: ['*.jobs.example'] })).toThrow(/stands for nothing here; list each host/)
  })
})

test('a page of its own is of the scheme that is known, others as they are listed', () => {
  const origins = new Origins({ hosts: ['jobs.example'], origins: ['http://shop.example'] })
  const allowed = (origin: string) => [undefined, 'http', 'https'].map(scheme => origins.isAllowed(origin, scheme))
  expect(allowed('http://jobs.example')).toEqual([true, true, false])
  expect(allowed('https://jobs.example')).toEqual([true, false, true])
  expect(allowed('http://shop.example')).toEqual([true, true, true])
})
