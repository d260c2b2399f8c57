/** The output of a command goes to a disk that is full. */
import { expect, test } from 'vitest'
import { Program } from '../support/cli/program.ts'
import { freePorts } from '../support/free-ports.ts'
import { until } from '../support/until.ts'

const toFullDisk = (...args: string[]): Program =>
  new Program(['sh', '-c', 'exec "$0" cli/main.ts "$@" > /dev/full', process.execPath, ...args])

test('a bridge goes on without its log, says so once, and ends by SIGTERM', async () => {
  const [port = 0] = await freePorts(1)
  const away = 'stomp://foo:bar@127.0.0.1:1'
  await using bridge = toFullDisk('serve', '--broker', away, '--port', String(port))
  await until('it answers', () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  bridge.signal('SIGTERM')
  const { code, stderr } = await bridge.ended
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^drover: The output cannot be written \(ENOSPC.*\); the command goes on without\n$/),
  ])
})

test('a command that only prints fails with one sentence', async () => {
  await using program = toFullDisk('--version')
  const { code, stderr } = await program.ended
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^drover: The output cannot be written: ENOSPC.*\n$/)])
})
