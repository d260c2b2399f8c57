/** The two blocks of docs/security.md are a real capture. Ids and ciphertext differ in each run. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eavesdropped } from './eavesdropper.ts'

const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
const withoutChance = (text: string): string =>
  text
    .replace(/"[\w-]{12}…"/g, '"…"')
    .replace(/(?<=\.reply\.foo\.)\w+/g, '…')
    .replace(/\d+ bytes that/g, '… bytes that')

test.each([false, true])('docs/security.md shows a job that is sealed: %s', async isSealed => {
  const shown = withoutChance(await eavesdropped(isSealed))
  expect(shown).toMatch(isSealed ? /^".*" is not among / : /^".*" is among /)
  expect(withoutChance(page)).toContain(shown)
})
