import { expect, test } from 'vitest'
import { drover } from '../support/cli/program.ts'

test('an empty argument or option, as of a variable that is not set, is refused and widens nothing', async () => {
  const calls = [
    ['<ids>', 'dead', 'drop', ''],
    ['<ids>', 'dead', 'retry', 'f2ad6', ''],
    ['--error', 'dead', 'drop', '--error', '', '--yes'],
    ['--data', 'serve', '--broker', 'embedded', '--data', ''],
    ['--users', 'serve', '--broker', 'embedded', '--users='],
    ['--data', 'dev', '--data', ''],
    ['<to>', 'queues', 'move', 'myapp.parked', ''],
    ['--url', 'queues', '--url', '', 'purge', 'myapp.parked'],
    ['--state', 'worker', 'examples/tasks/mod.ts', '--state', ''],
    ['--worker', 'pause', 'host.facts', '--worker', ''],
    ['--tag', 'dispatch', 'host.facts', '--tag', 'a', '--tag', ''],
  ]
  const ended = await Promise.all(calls.map(([, ...args]) => drover(args)))
  for (const [at, [name, ...args]] of calls.entries()) {
    const { code, stdout, stderr } = ended[at]!
    const sentence = expect.stringContaining(`${name} is empty: perhaps a variable is not set`)
    expect([code, stdout, stderr], args.join(' ')).toEqual([2, '', sentence])
  }
})
