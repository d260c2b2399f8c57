import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { nextSteps } from './next-steps.ts'

test("with a broker of one's own they take its address from the environment, and hold no password", () => {
  const url = "stomp://foo:p%23w'd%3F@broker.example:61613"
  const lines = nextSteps(61613, 61613, url)
  expect(lines.join('\n')).not.toContain('p%23w')
  expect(lines.join('\n')).toContain('stomp://foo:***@broker.example:61613')
  const pasted = lines.map(line => line.replace('npx drover', 'echo')).filter(line => /^ {2}(export|echo)/.test(line))
  const script = [...pasted, 'echo "$DROVER_URL"'].join('\n')
  const env = { PATH: process.env['PATH'], DROVER_BROKER: url }
  expect(execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).trim().split('\n').at(-1)).toBe(url)
  expect(() => execFileSync('sh', ['-c', script], { env: { PATH: env.PATH }, stdio: 'pipe' })).toThrow(
    /set it here as well/,
  )
})
