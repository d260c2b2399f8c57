/** Biome finds circles of imports, those of types too: a file is understood without those that need it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../test/commands.ts'

const lint = [resolve('node_modules/.bin/biome'), 'lint', '--only=suspicious/noImportCycles', '--vcs-enabled=false']

async function linted(files: Readonly<Record<string, string>>): Promise<{ isOk: boolean; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-cycles-'))
  try {
    cpSync('biome.json', join(folder, 'biome.json'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return await run([lint[0]!, ...lint.slice(1), '.'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.each([
  [
    'values',
    `import { b } from './b.ts'\nexport const a = () => b`,
    `import { a } from './a.ts'\nexport const b = () => a`,
  ],
  [
    'types',
    `import type { B } from './b.ts'\nexport type A = B[]`,
    `import type { A } from './a.ts'\nexport type B = A[]`,
  ],
])('a circle of %s is found in both files', async (_, a, b) => {
  const { isOk, output } = await linted({ 'a.ts': a, 'b.ts': b })
  expect(isOk, output).toBe(false)
  expect(output).toMatch(/a\.ts.*noImportCycles/)
  expect(output).toMatch(/b\.ts.*noImportCycles/)
})

test('imports that point one way are fine', async () => {
  const { isOk, output } = await linted({
    'a.ts': `import { b } from './b.ts'\nexport const a = b`,
    'b.ts': 'export const b = 1',
  })
  expect(isOk, output).toBe(true)
})
