import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

const names = ['broker', 'port', 'host', 'hosts', 'stomp_port', 'max_sessions', 'max_owner_sessions', 'ca', 'cert']

test.for([
  ['brokr', 'broker'],
  ['prot', 'port'],
  ['Hosts', 'hosts'],
  ['stomp-port', 'stomp_port'],
  ['maxSessions', 'max_sessions'],
  ['max_sesions', 'max_sessions'],
  ['ca_file', undefined],
  ['colour', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
] as const)('%s is %s', ([given, meant]) => {
  expect(nearestName(given, names)).toBe(meant)
})
