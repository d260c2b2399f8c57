import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './commands.ts'
import { uncaughtFile } from './uncaught.ts'

const caught = `import { expect, test } from 'vitest'
test('fails', () => expect(1).toBe(2))
`
const uncaught = "test('passes', () => void Promise.reject(new Error('nobody catches this')))"

test.each([
  ['0', caught],
  ['1', caught + uncaught],
])('%s errors that no test caught are told, beside a test that fails', async (count, text) => {
  // Inside the repository, where its Vitest is found
  await mkdir('.test-results', { recursive: true })
  const folder = await mkdtemp('.test-results/uncaught-')
  try {
    await mkdir(join(folder, '.test-results'))
    await writeFile(join(folder, 'one.spec.ts'), text)
    const reporter = `--reporter=${resolve('scripts/test/uncaught.ts')}`
    const { output } = await run([resolve('node_modules/.bin/vitest'), 'run', reporter], { cwd: folder })
    expect(readFileSync(join(folder, uncaughtFile), 'utf8'), output).toBe(count)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
