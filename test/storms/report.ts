/** The results of storms, for people and for files. */
import { formatDuration } from '../../shared/duration.ts'
import type { Report } from './storm.ts'

const heads = [
  ...['broker', 'fault', 'jobs', 'seed', 'broken', 'runs', 'cut off', 'losses', 'twice', 'dead'],
  ...['again p50 / p99', 'handed on', 'late', 'took'],
]

/** The first two lines of a Markdown table of storms. */
export const tableHead = `| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`

/** A storm as a line of that table. */
export function tableRow({ broker, fault, seed, figures, problems, tookMs }: Report): string {
  const { jobs, begunRuns, cutOff, lossesShown, ranTwice, dead, againMs, handedOnPercent, late } = figures
  const again = againMs === undefined ? '' : `${formatDuration(againMs.p50)} / ${formatDuration(againMs.p99)}`
  const counts = [jobs, seed, problems.length, begunRuns, cutOff, lossesShown, ranTwice, dead]
  const rest = [again, `${handedOnPercent.toFixed(1)} %`, late, formatDuration(tookMs)]
  return `| ${[broker, fault, ...counts, ...rest].join(' | ')} |`
}

/** The command that plays a storm again. */
export const again = ({ broker, fault, seed, figures }: Report): string =>
  `npm run storms -- --broker ${broker} --fault ${fault} --jobs ${figures.jobs} --seed ${seed}`
