/** The samples of a soak as a table, and its verdict. */
import type { SoakReport, TimedSample } from './soak.ts'

const MiB = 1024 * 1024

const heads = ['at', 'RSS', 'heap', 'external', 'descriptors', 'threads', 'sessions', 'opened', 'jobs', 'visits']

/** The first two lines of a Markdown table of samples; memory in MiB, garbage collected. */
export const tableHead = `| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`

/** A sample as a line of that table. */
export function tableRow(sample: TimedSample): string {
  const { metrics, rssBytes, heapBytes, externalBytes, descriptors, threads, jobs, visits, atMs } = sample
  const seconds = Math.round(atMs / 1_000)
  const at = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const memory = [rssBytes, heapBytes, externalBytes].map(bytes => (bytes / MiB).toFixed(1))
  const of = (name: string): number => metrics.get(`drover_bridge_${name}`) ?? 0
  return `| ${[at, ...memory, descriptors, threads, of('sessions'), of('sessions_opened_total'), jobs, visits].join(' | ')} |`
}

/** Codes by which sessions end here, and are refused, when all is well: as visits ask for it, and when the broker is killed. */
const expected = new Set(['broker_unreachable', 'connection_lost', 'forbidden', 'not_authenticated', 'broker_error'])

/** They hold all kinds of things, which the heap tells of. */
const plain = new Set(['', 'Object', 'Array', 'Function'])

/** A sentence for each thing that is not as it should be. */
export function problemsOf(report: SoakReport): string[] {
  const { start, end, jobs, failures, oddLines, visits, renewals, kills } = report
  const problems: string[] = []
  const grown = (name: string, from: number, to: number, factor: number, slackMiB: number): void => {
    if (to <= from * factor + slackMiB * MiB) return
    problems.push(
      `${name} grew from ${(from / MiB).toFixed(1)} to ${(to / MiB).toFixed(1)} MiB; take heap snapshots by --inspect at both rests`,
    )
  }
  grown('The heap', start.heapBytes, end.heapBytes, 1.05, 2)
  grown('Memory beside the heap', start.externalBytes, end.externalBytes, 1.05, 2)
  grown('RSS', start.rssBytes, end.rssBytes, 1.25, 48)
  if (start.descriptors !== end.descriptors)
    problems.push(
      `${start.descriptors} descriptors were open at the start, ${end.descriptors} at the end; see /proc/PID/fd`,
    )
  for (const kind of new Set([...Object.keys(start.resources), ...Object.keys(end.resources)])) {
    const [before = 0, after = 0] = [start.resources[kind], end.resources[kind]]
    if (before !== after) problems.push(`There were ${before} of ${kind} at the start, and ${after} at the end`)
  }
  const came = end.visits - start.visits
  for (const [name, after] of Object.entries(end.objects)) {
    const before = start.objects[name] ?? 0
    if (plain.has(name) || after - before < came / 5) continue
    problems.push(`${before} objects of ${name} were alive at the start, and ${after} at the end, ${came} visits later`)
  }
  if (jobs.open.size > 0) problems.push(`${jobs.open.size} jobs never ended: ${[...jobs.open].slice(0, 5).join(', ')}`)
  if (jobs.twice > 0) problems.push(`${jobs.twice} jobs ended twice`)
  for (const [how, count] of jobs.ended) if (how !== 'result') problems.push(`${count} jobs ended by ${how}`)
  for (const [way, count] of visits) if (count === 0) problems.push(`No visit "${way}" went as it should`)
  if (renewals === 0) problems.push('No resident renewed its token')
  if (kills === 0) problems.push('The broker was never killed')
  for (const failure of failures.slice(0, 10)) problems.push(`A visit went wrong: ${failure}`)
  if (failures.length > 10) problems.push(`${failures.length - 10} more visits went wrong`)
  for (const line of oddLines.slice(0, 10)) problems.push(`The bridge wrote beside its log: ${line}`)
  for (const [code, count] of errorsOf(end)) {
    if (!expected.has(code)) problems.push(`${count} refusals by ${code}, which nothing here asks for`)
  }
  return problems
}

/** Refusals by code, from the bridge's metrics. */
export function errorsOf({ metrics }: TimedSample): [code: string, count: number][] {
  return [...metrics].flatMap(([line, count]): [string, number][] => {
    const code = /^drover_bridge_refusals_total\{code="(\w+)"\}$/.exec(line)?.[1]
    return code === undefined ? [] : [[code, count]]
  })
}

/** The rest of the figures, a line each. */
export function summaryOf(report: SoakReport): string[] {
  const { jobs, visits, cutShort, kills, renewals, end } = report
  const pairs = (all: Iterable<readonly [string, number]>): string =>
    Array.from(all, ([name, count]) => `${count} ${name}`).join(', ') || 'none'
  return [
    `jobs: ${jobs.sent} sent; ended: ${pairs(jobs.ended)}; lost: ${jobs.open.size}; twice: ${jobs.twice}`,
    `visits: ${pairs(visits)}; cut short by the broker's end: ${cutShort}`,
    `broker: killed ${kills} times; residents' tokens beyond the first: ${renewals}`,
    `refusals: ${pairs(errorsOf(end))}`,
    `resources at the end: ${pairs(Object.entries(end.resources))}`,
  ]
}
