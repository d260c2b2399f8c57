/** Short runs of each part of `npm run fuzz`, and that its judges see the faults. FUZZ_SEED draws others. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { run } from '../../scripts/test/commands.ts'
import { testOnEach } from '../support/brokers/each.ts'
import { fuzzBridge } from './bridge.ts'
import { fuzzBroker } from './brokers.ts'
import { smuggled } from './judge.ts'
import { fuzzBlock } from './scanner.ts'

const seed = Number(process.env.FUZZ_SEED ?? 1)

test(`10,000 sequences through scanner and checks break no promise (seed ${seed})`, () => {
  const { broken, frames, written } = fuzzBlock({ seed, index: 0, sequences: 10_000 })
  expect(broken).toEqual([])
  expect(frames).toBeGreaterThan(3_000)
  expect(written).toBeGreaterThan(1_000)
})

describe('a whole bridge', () => {
  test.each(['embedded', 'rabbitmq'] as const)(
    `answers or ends each of 100 sequences, and passes on only granted ones: before %s (seed ${seed})`,
    async dialect => {
      const { broken, passed, errors } = await fuzzBridge(dialect, 100, seed)
      expect(broken).toEqual([])
      expect(errors).toHaveProperty('frame_invalid')
      if (dialect !== 'embedded') expect(passed).toBeGreaterThan(30)
    },
  )
})

testOnEach(`reads 100 odd frames as the bridge does (seed ${seed})`, 'fuzz', async ({ name, stompUrl, namespace }) => {
  const { differences, delivered } = await fuzzBroker(name, stompUrl, 100, seed, namespace)
  expect(differences).toEqual([])
  expect(delivered).toBeGreaterThan(60)
})

describe('its judge', () => {
  const job = (...lines: string[]): string => `SEND\ndestination:/queue/myapp.tasks.old.echo\n${lines.join('')}\nx\0`
  const bad: Record<string, [string, RegExp]> = {
    'two frames in one': [`${job()}${job()}`, /^It is 2 frames/],
    'a frame cut off': [job().slice(0, -2), /^It is 0 frames, and incomplete/],
    'a destination of nobody': ['SEND\ndestination:/queue/myapp.dead\n\n\0', /^destination is/],
    'a second destination in capitals': [
      job('Destination:/queue/myapp.dead\n'),
      /^The header destination stands twice/,
    ],
    'a name with a blank': [job('reply-to :/queue/myapp.reply.ada.m\n'), /^A reader may take "reply-to " for reply-to/],
    'an escape that hides a line': [job('own:a\\nb\n'), /^own holds a line break/],
    'a reply-to of another': [job('reply-to:/queue/myapp.reply.eve.m\n'), /^reply-to is/],
    'a JMSReplyTo of another': [job('JMSReplyTo:/queue/myapp.reply.eve.m\n'), /^jmsreplyto is/],
    'a forged sender': [job('drover-sender:eve\n'), /^drover-sender is "eve"/],
    'a content-length that lies': [job('content-length:0\n'), /^It is 0 frames, and invalid/],
    'a command of no session': ['PUBLISH\ndestination:/queue/myapp.tasks.old.echo\n\n\0', /^The command PUBLISH/],
    'a body behind ACK': ['ACK\nid:1\n\nx\0', /^ACK has a body/],
  }
  test.each(Object.entries(bad))('sees %s', (_, [frame, fault]) => {
    expect(smuggled(new TextEncoder().encode(frame), '1.2', 'classic')).toMatch(fault)
  })

  test('lets a job pass', () => {
    expect(
      smuggled(new TextEncoder().encode(job('own:a\\cb\n', 'drover-sender:ada\n')), '1.2', 'classic'),
    ).toBeUndefined()
  })
})

test('npm run fuzz -- --help names the parts, and a wrong option is told the expected ones', async () => {
  const program = fileURLToPath(new URL('run.ts', import.meta.url))
  const [help, ...wrong] = await Promise.all(
    [['--help'], ['--only', 'wire'], ['--bridge', '0']].map(args => run([process.execPath, program, ...args])),
  )
  expect(help?.isOk).toBe(true)
  expect(help?.output).toMatch(/choices: "scanner", "bridge", "brokers"/)
  expect(wrong.map(({ isOk }) => isOk)).toEqual([false, false])
  expect(wrong[0]?.output).toMatch(/'wire' is invalid\. Allowed choices are scanner, bridge, brokers/)
  expect(wrong[1]?.output).toContain('expected a whole number from 1 to 1000000000')
})
