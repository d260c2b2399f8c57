import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { run } from '../test/commands.ts'
import { asModule, type Example, examplesIn } from './examples.ts'
import { repositoryFiles } from './imports.ts'

const fence = '```'

test('examplesIn() finds the blocks under @example, with their lines, and no others', () => {
  const source = `/**
 * Not this one:
 * ${fence}ts
 * never()
 * ${fence}
 * @param a
 * @example
 * ${fence}ts
 * const a = {
 *   b: 1,
 * }
 * ${fence}
 * @example a second
 * ${fence}ts
 * two()
 * ${fence}
 * ${fence}ts ignore
 * needsServer()
 * ${fence}
 */
export const a = 1
`
  expect(examplesIn('a.ts', source)).toEqual([
    { path: 'a.ts', line: 9, code: 'const a = {\n  b: 1,\n}' },
    { path: 'a.ts', line: 15, code: 'two()' },
  ])
})

test('examplesIn() takes from Markdown the blocks that are marked to be run', () => {
  const text = `# T\n\n${fence}ts\nno()\n${fence}\n\n- x\n\n  ${fence}ts run\n  yes()\n  ${fence}\n`
  expect(examplesIn('a.md', text)).toEqual([{ path: 'a.md', line: 10, code: 'yes()' }])
})

test('asModule() imports the names that the example uses of its own file and does not import itself', () => {
  const source = 'export const one = 1, two = 2, three = 3\nexport type Four = 4\nconst five = 5'
  const code = "import { two } from 'drover/x'\none(two, five, 'Four')"
  const example = { path: 'a.ts', line: 1, code }
  expect(asModule(example, source, '../a.ts')).toBe(`import { one } from '../a.ts'\n${code}\nexport {}\n`)
})

const documented = /^(README\.md|docs\/.*\.md|(shared|worker|broker|bridge|cli)\/.*(?<!\.test)\.ts)$/
const examples = repositoryFiles('*.ts', '*.md')
  .filter(path => documented.test(path))
  .flatMap(path => examplesIn(path, readFileSync(path, 'utf8')))

// Inside the repository, so that `drover/…` leads to its own exports; not under node_modules, where Node reads no types.
mkdirSync('.test-results', { recursive: true })
const folder = mkdtempSync('.test-results/examples-')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.runIf(examples.length > 0)('the examples in comments and documents run', () => {
  test.concurrent.each(examples.map((example, index) => ({ ...example, index })))('$path:$line', async example => {
    const { isOk, output } = await run([runtimeOf(example), ...argsOf(example), fileFor(example, example.index)])
    expect(isOk, output).toBe(true)
  })
})

const isDeno = ({ path }: Example): boolean => /(^|\/)deno([-.][^/]*)?\.ts$|\/deno\//.test(path)
const runtimeOf = (example: Example): string => (isDeno(example) ? 'deno' : process.execPath)
const argsOf = (example: Example): string[] => (isDeno(example) ? ['run', '--allow-all', '--no-check'] : [])

function fileFor(example: Example, index: number): string {
  const file = `${folder}/${index}.ts`
  writeFileSync(file, asModule(example, readFileSync(example.path, 'utf8'), `../../${example.path}`))
  return file
}
