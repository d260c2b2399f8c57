import { expect, test } from 'vitest'
import { drover } from '../support/cli/program.ts'

const commands = ['dev', 'serve', 'worker', 'dispatch', 'dead', 'queues', 'pause', 'resume', 'token', 'keys']

test('drover --help names every command', async () => {
  const { code, stdout, stderr } = await drover(['--help'])
  expect([code, stderr]).toEqual([0, ''])
  for (const command of commands) expect(stdout).toContain(`\n  ${command} `)
})

test.for(commands)('drover %s --help suffices', async command => {
  const { code, stdout, stderr } = await drover([command, '--help'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(new RegExp(`^Usage: drover ${command} `))
  for (const part of ['Options:', 'Example', `drover ${command}`, 'Exit codes', 'Environment:']) {
    expect(stdout).toContain(part)
  }
  // A terminal of 80 columns would break it within a word. A line that people copy stays in one line.
  const isCopied = (line: string): boolean => /^ +(?:drover |[A-Z_]+=|import |const |export |\[\{)/.test(line)
  const wide = stdout.split('\n').filter(line => line.length > (isCopied(line) ? 130 : 80))
  expect(wide).toEqual([])
  expect(stdout).not.toMatch(/default: \d{4,}\)/) // of a duration: with its unit
})

test('without a command it shows its help and says so by exit code 2', async () => {
  const { code, stderr } = await drover([])
  expect([code, stderr]).toEqual([2, expect.stringContaining('Usage: drover')])
})

test('an unknown command is exit code 2, with the nearest', async () => {
  const { code, stderr } = await drover(['dispach'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean dispatch?')])
})

test('--version prints the version', async () => {
  const { code, stdout } = await drover(['--version'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
})

test('DROVER_DEBUG shows where an error came from', async () => {
  const { code, stderr } = await drover(['dispatch', 'Bad'], { env: { DROVER_DEBUG: '1' } })
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^\s+at /m)])
})
