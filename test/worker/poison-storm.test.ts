import { expect, test } from 'vitest'
import { poisonStorm } from './poison-storm.ts'

const seeds = Number(process.env.SEEDS ?? 6)
test('storms', async () => {
  const rows: string[] = []
  let wrong = 0
  let innocent = 0
  for (let seed = Number(process.env.FROM ?? 1); seed <= seeds; seed++) {
    const poison = [4, 20, 12, 20][seed % 4]!
    const workers = 2 + (seed % 6 === 5 ? 2 : seed % 2)
    const storm = { seed, jobs: 100, poison, workers, concurrency: 3, tasks: 1 + (seed % 2), everyMs: seed % 3 === 0 ? 1 : 20, killsPerSecond: seed % 5 === 0 ? 0.5 : 0 }
    const began = performance.now()
    const report = await poisonStorm(storm)
    wrong += report.wronglyCertain
    innocent += report.innocentDead.length
    rows.push(`${JSON.stringify(storm)} innocent ${report.innocentDead.length} wrong ${report.wronglyCertain} runs ${report.poisonRuns} open ${report.open.length} deaths ${report.deaths} in ${report.tookMs} real ${Math.round(performance.now() - began)}`)
  }
  rows.push(`wrong ${wrong} innocent ${innocent}`)
  console.log(rows.join('\n'))
  expect(rows).not.toEqual([])
}, 600_000)
