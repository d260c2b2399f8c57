import { expect, test } from 'vitest'
import { workerCommands } from './commands.ts'

test.each([
  ['stomp://foo:bar@broker.example', 'broker.example:61613'],
  ['stomp+ssl://foo:bar@broker.example', 'broker.example:61614'],
  ['stomp://broker.example:61616', 'broker.example:61616'],
  ['ws://broker.example/stomp', 'broker.example:80'],
  ['wss://broker.example/stomp', 'broker.example:443'],
])('the Deno worker of %s may reach %s, where it connects', (url, to) => {
  const options = workerCommands(url, ['files']).workers.flatMap(({ command }) => command)
  expect(options.filter(option => option.startsWith('--allow-net='))).toEqual([`--allow-net=${to}`])
})
