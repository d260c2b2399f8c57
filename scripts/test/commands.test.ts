import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { untilGone } from '../../test/cli/alive.ts'
import { run } from './commands.ts'

test('run() gives both outputs, and passes them on as they come', async () => {
  const pieces: string[] = []
  const ran = await run(['bash', '-c', 'echo out; echo "$NAME" >&2'], {
    env: { NAME: 'err' },
    onOutput: text => pieces.push(text),
  })
  expect(ran.isOk).toBe(true)
  expect(ran.output.split('\n').sort()).toEqual(['', 'err', 'out'])
  expect(pieces.join('')).toBe(ran.output)
})

test('run() names the fault: a status, and a program that is not there', async () => {
  expect(await run(['bash', '-c', 'echo no; exit 3'])).toEqual({ isOk: false, output: 'no\n' })
  const missing = await run(['no-such-program'])
  expect(missing.isOk).toBe(false)
  expect(missing.output).toContain('no-such-program')
})

test('run() ends a program that hangs, with its children', async () => {
  const ran = await run(['bash', '-c', 'sleep 60 & sleep 60'], { timeoutMs: 100 })
  expect(ran.isOk).toBe(false)
  expect(ran.output).toContain('bash did not end within 0.1 s')
})

test.for(['SIGINT', 'SIGTERM'] as const)(
  'a process that %s ends takes the programs with it that it runs',
  async signal => {
    const file = JSON.stringify(new URL('commands.ts', import.meta.url).href)
    const program = `const { run } = await import(${file})
    await run(['bash', '-c', 'echo $$; exec sleep 60'], { onOutput: text => console.log(text) })`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [pid] = await once(parent.stdout, 'data')
    parent.kill(signal)
    expect(await once(parent, 'exit')).toEqual([null, signal])
    await untilGone(Number(pid))
  },
)
