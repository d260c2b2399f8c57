import { FrameImpl } from '@stomp/stompjs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sendFrame } from './send-frame.ts'

test('a SEND is written as stompjs writes it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a:b', 'a\\nb', 'a\nb\r', '\\'))
  // stompjs copies headers by assignment, which loses this one
  const name = fc.string({ minLength: 1 }).filter(text => text !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(name, text), text, fc.boolean(), (headers, body, escapes) => {
      const all = { destination: '/queue/a', ...headers }
      const frame = { command: 'SEND', headers: all, body, escapeHeaderValues: escapes, skipContentLengthHeader: false }
      expect(sendFrame(all, body, escapes)).toBe(FrameImpl.marshall(frame))
    }),
  )
})
