import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { optionsForAll } from './node-child.ts'

const module = JSON.stringify(new URL('node-child.ts', import.meta.url).href)
const print = `import(${module}).then(({ nodeCommand }) => console.log(JSON.stringify(nodeCommand('program.ts', {}))))`

test.for<[readonly string[], readonly string[]]>([
  [
    ['-r', 'node:path'],
    ['-r', 'node:path'],
  ],
  [
    ['--import', 'node:path', '--input-type', 'module'],
    ['--import', 'node:path'],
  ],
  [['--inspect-port', '0', '--max-http-header-size=9000', '--input-type=module'], ['--max-http-header-size=9000']],
])('a process is started with the options of its worker that hold for both: %j', ([given, kept]) => {
  const said = execFileSync(process.execPath, [...given, '--eval', print], { encoding: 'utf8' })
  expect(JSON.parse(said)).toEqual([process.execPath, ...kept, 'program.ts'])
})

test('options of one process leave no value behind', () => {
  const given = [
    '-pe',
    '1',
    '--watch',
    '--watch-path',
    'src',
    '-C',
    'dev',
    '--test-only',
    '-r',
    './a.cjs',
    '--inspect=0',
  ]
  expect(optionsForAll(given)).toEqual(['-C', 'dev', '-r', './a.cjs'])
})
