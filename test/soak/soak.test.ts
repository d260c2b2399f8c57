/** A soak of 20 s, with the embedded broker as a process of its own. Whole ones: `npm run soak`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { run } from '../../scripts/test/commands.ts'
import { problemsOf, summaryOf, tableHead, tableRow } from './report.ts'
import { runSoak, type SoakReport } from './soak.ts'

let report: SoakReport | undefined

test('while sessions come, go, renew and are revoked, and the broker is killed, nothing grows and no job is lost', {
  timeout: 180_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-soak-'))
  const lines = [tableHead]
  try {
    report = await runSoak({
      broker: 'stored',
      durationMs: 14_000,
      killEveryMs: 6_000,
      jobsPerSecond: 10,
      visitsPerSecond: 8,
      seed: 1,
      folder,
      sampleEveryMs: 5_000,
      say: line => lines.push(line),
      onSample: sample => lines.push(tableRow(sample)),
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  expect(problemsOf(report), [...lines, ...summaryOf(report)].join('\n')).toEqual([])
})

describe('its verdict', () => {
  const MiB = 1024 * 1024
  const wrong: Record<string, [(good: SoakReport) => Partial<SoakReport>, RegExp]> = {
    'a heap that grew': [
      ({ end }) => ({ end: { ...end, heapBytes: end.heapBytes * 1.1 + 8 * MiB } }),
      /^The heap grew/,
    ],
    'an open socket more': [
      ({ end }) => ({ end: { ...end, descriptors: end.descriptors + 1 } }),
      /descriptors were open/,
    ],
    'a timer more': [
      ({ end }) => ({ end: { ...end, resources: { ...end.resources, Timeout: (end.resources.Timeout ?? 0) + 1 } } }),
      /of Timeout at the start/,
    ],
    'objects that stay': [
      ({ end }) => ({ end: { ...end, objects: { ...end.objects, Relay: (end.objects.Relay ?? 0) + end.visits } } }),
      /objects of Relay were alive/,
    ],
    'a job that never ended': [({ jobs }) => ({ jobs: { ...jobs, open: new Set(['x']) } }), /^1 jobs never ended: x/],
    'a job that ended twice': [({ jobs }) => ({ jobs: { ...jobs, twice: 1 } }), /^1 jobs ended twice/],
    'a job that timed out': [
      ({ jobs }) => ({ jobs: { ...jobs, ended: new Map([['timed_out', 2]]) } }),
      /^2 jobs ended by timed_out/,
    ],
    'a visit that went wrong': [() => ({ failures: ['is revoked: it was not'] }), /^A visit went wrong: is revoked/],
    'a warning of Node': [() => ({ oddLines: ['(node:1) MaxListenersExceededWarning'] }), /beside its log: \(node:1\)/],
    'an error that nobody asks for': [
      ({ end }) => ({
        end: { ...end, metrics: new Map([...end.metrics, ['drover_bridge_refusals_total{code="closed"}', 3]]) },
      }),
      /^3 refusals by closed/,
    ],
  }
  test.each(Object.entries(wrong))('names %s', (_, [change, sentence]) => {
    const good = report!
    expect(problemsOf({ ...good, ...change(good) })).toContainEqual(expect.stringMatching(sentence))
  })
})

test('npm run soak -- --help names the brokers, and a wrong option is told the expected ones', async () => {
  const program = fileURLToPath(new URL('run.ts', import.meta.url))
  const [help, ...wrong] = await Promise.all(
    [['--help'], ['--broker', 'kafka'], ['--duration', '10']].map(args => run([process.execPath, program, ...args])),
  )
  expect(help?.isOk).toBe(true)
  expect(help?.output).toContain('"stored"')
  expect(wrong.map(({ isOk }) => isOk)).toEqual([false, false])
  expect(wrong[0]?.output).toMatch(/'kafka' is invalid/)
  expect(wrong[1]?.output).toContain('"10" is not a duration; write a number and a unit')
})
