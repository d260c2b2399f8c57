import type { DeadLetter } from 'drover/master'
import { expect, test } from 'vitest'
import { letterLines, listLines, stayLine } from './describe.ts'
import { namedInVain } from './filter.ts'

const id = 'f2ad6000-7d3b-8c3d-9e1e-8f0b7f4d0a52'
const letter = (part: Partial<DeadLetter>): DeadLetter => ({
  id,
  copies: 1,
  task: 'mend.it',
  history: [],
  sealed: false,
  body: '{}',
  ...part,
})

/** Bytes that a terminal obeys. */
const commands = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

test.for(['\u001b[2Jred', 'two words', '\u009b31mx', '\u202eabc', 'größe'])(
  'a letter whose request_id is %j goes by its own id, which can be typed',
  request_id => {
    const lines = [...listLines([letter({ request_id })]), stayLine(letter({ request_id }), 'It is no job')]
    for (const line of lines) {
      expect(line).toContain(id)
      expect(line).not.toMatch(commands)
    }
  },
)

test.for([
  [{ code: '', message: 'no part' }, 'no part'],
  [{ code: '\u001b[5m', message: 'no part' }, 'no part'],
  [{ code: 'no_part', message: '' }, 'no_part'],
  [{ code: '\u001b[5m', message: '' }, 'an error without words'],
] as const)('the error %j is told as %j', ([error, text]) => {
  expect(listLines([letter({ error })])[0]).toMatch(new RegExp(`  ${text}$`))
  const history = [{ kind: 'failed', error }]
  const all = letterLines(letter({ error, history })).join('\n')
  expect(all).toMatch(new RegExp(`^error +${text}$`, 'm'))
  expect(all).toMatch(new RegExp(`failed  ${text}$`, 'm'))
})

test('nothing that stands in a letter is a command to a terminal', () => {
  const evil = '\u001b]0;title\u0007\u009b2J\u202e\u0000x'
  const error = { code: evil, message: evil }
  const entry = { kind: evil, name: evil, worker_id: evil, by: evil, error, attempt: 1 }
  const whole = letter({ request_id: evil, error, sender: evil, reply_to: evil, problem: evil, history: [entry] })
  for (const one of [whole, { ...whole, task: undefined, body: evil }, { ...whole, input: { [evil]: [evil] } }])
    expect(`${letterLines(one).join('')}${listLines([one]).join('')}`).not.toMatch(commands)
})

test('an id that no letter has is found out, in any case of its letters', () => {
  expect(namedInVain(['A1', id.toUpperCase(), 'b2'], [letter({ request_id: 'a1' })])).toEqual(['b2'])
})
