import { expect, test } from 'vitest'
import { traceIn } from './trace-context.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test.each([
  traceparent,
  traceparent.replace(/01$/, '00'),
  traceparent.replace(/^00/, '01'),
  `${traceparent.replace(/^00/, 'cc')}-of-a-later-version`,
])('%s is handed on', text => {
  expect(traceIn({ traceparent: text })).toEqual({ traceparent: text })
})

test.each([
  '',
  '00',
  ` ${traceparent}`,
  traceparent.toUpperCase(),
  traceparent.replace(/^00/, 'ff'),
  traceparent.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
  traceparent.replace('b7ad6b7169203331', '0'.repeat(16)),
  `${traceparent}-more`,
  `${traceparent}\n`,
  `01${traceparent.slice(2)}-${'x'.repeat(100)}`,
])('%j is none', text => {
  expect(traceIn({ traceparent: text, tracestate: 'a=b' })).toBeUndefined()
})

test('tracestate goes along, and never alone, past 512 characters or with others than those of ASCII', () => {
  expect(traceIn({ traceparent, tracestate: 'a=b:c' })).toEqual({ traceparent, tracestate: 'a=b:c' })
  expect(traceIn({ tracestate: 'a=b' })).toBeUndefined()
  for (const tracestate of ['', 'x'.repeat(513), 'a=b\n', 'a=é'])
    expect(traceIn({ traceparent, tracestate })).toEqual({ traceparent })
})
