import { expect, test } from 'vitest'
import { hostInUrl, isLoopback } from './hosts.ts'

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['127.evil.example', false],
  ['10.0.0.1', false],
])('whether %s is this machine alone: %s', (hostname, expected) => expect(isLoopback(hostname)).toBe(expected))

test.each([
  ['::1', '[::1]'],
  ['[::1]', '[::1]'],
  ['127.0.0.1', '127.0.0.1'],
  ['jobs.example', 'jobs.example'],
])('%s stands in a URL as %s', (hostname, expected) => expect(hostInUrl(hostname)).toBe(expected))
