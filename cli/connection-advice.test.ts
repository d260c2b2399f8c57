import { DroverError } from 'drover/contract'
import { expect, test } from 'vitest'
import { withAdvice } from './connection-advice.ts'

test('a token that ended is not asked for: it has expired', () => {
  const reason = new DroverError('not_authenticated', "This session's token has expired; connect again with a new one")
  const text = (token?: string, source?: string): string =>
    withAdvice(reason, { url: 'ws://h/stomp', token, source }).message
  expect(text('x.y.z')).toMatch(/given by --token or DROVER_TOKEN has expired/)
  expect(text('x.y.z')).not.toMatch(/give a token by/)
  expect(text()).toMatch(/give a token by --token/)
  expect(text('x.y.z', '--token-file')).toMatch(/^The token that --token-file gave has expired; see that a new one/)
})
