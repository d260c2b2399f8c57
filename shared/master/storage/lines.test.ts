import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newJobState } from '../jobs/state/job.ts'
import { type Entry, encodeLine, readLines } from './lines.ts'

const read = (from: string) => {
  const { lines, isTorn } = readLines(from, 'f')
  return { entries: lines.map(({ entry }) => entry), isTorn }
}

const head: Entry = { file: 'drover jobs', v: 1, master_id: 'm' }
const job = (n: number): Entry => ({
  put: newJobState({
    request_id: `id-${n}`,
    task: 't',
    mode: 'queue',
    input: { text: 'ä\n"' },
    timeout_ms: 1,
    created_at: n,
  }),
})
const entries = [head, job(1), { remove: 'id-1' }, job(2)]
const text = entries.map(encodeLine).join('')

test('readLines() gives back the entries that were written', () => {
  expect(read(text)).toEqual({ entries, isTorn: false })
})

test('wherever a crash tears the end off, each complete entry is there', () =>
  fc.assert(
    fc.property(fc.nat({ max: text.length }), length => {
      const cut = text.slice(0, length)
      const { entries: found, isTorn } = read(cut)
      expect(found).toEqual(entries.slice(0, cut.split('\n').length - 1))
      expect(isTorn).toBe(cut !== '' && !cut.endsWith('\n'))
    }),
  ))

test('any other damage is found and its line named', () =>
  fc.assert(
    fc.property(fc.nat({ max: text.length - 2 }), fc.constantFrom('x', 'é', ' '), (at, wrong) => {
      fc.pre(text[at] !== wrong && text[at] !== '\n')
      const damaged = text.slice(0, at) + wrong + text.slice(at + 1)
      expect(() => readLines(damaged, 'f')).toThrow(expect.objectContaining({ code: 'storage_failed' }))
    }),
  ))

test('a file of somebody else is left alone', () => {
  for (const foreign of ['{"name":"drover"}\n', 'hello', encodeLine(job(1))]) {
    expect(() => readLines(foreign, '/etc/passwd')).toThrow('/etc/passwd is not a job file of Drover')
  }
})
