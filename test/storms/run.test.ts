import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from '../../scripts/test/commands.ts'
import { faults } from './faults.ts'

const program = fileURLToPath(new URL('run.ts', import.meta.url))
const storms = (...args: string[]) => run([process.execPath, program, ...args])

test('npm run storms -- --help names every fault, and a wrong option is told the expected ones', async () => {
  const [help, ...wrong] = await Promise.all([
    storms('--help'),
    storms('--fault', 'rain'),
    storms('--jobs', '5'),
    storms('--away', '10'),
    storms('--broker', 'embedded', '--fault', 'full-store'),
  ])
  expect(help.isOk).toBe(true)
  for (const name of Object.keys(faults)) expect(help.output).toContain(`  ${name} `)
  expect(wrong.map(({ isOk }) => isOk)).toEqual([false, false, false, false])
  const said = wrong.map(({ output }) => output)
  expect(said[0]).toMatch(/'rain' is invalid\. Allowed choices are calm, kill-worker/)
  expect(said[1]).toContain('expected a whole number from 10 to 100000')
  expect(said[2]).toContain('"10" is not a duration; write a number and a unit')
  expect(said[3]).toContain('the fault full-store can be played on classic only, not on embedded')
})
