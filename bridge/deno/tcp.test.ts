import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the same links under Deno', async () => {
  const script = fileURLToPath(new URL('./tcp-check.ts', import.meta.url))
  const output = await new Promise<string>((resolve, reject) =>
    execFile(
      'deno',
      ['run', '--no-prompt', '--allow-net=127.0.0.1,192.0.2.1', script],
      { timeout: 25_000 },
      (error, stdout, stderr) => (error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout)),
    ),
  )
  expect(output.trim()).toBe('ok')
})
