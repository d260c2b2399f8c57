/** The files for Prometheus and Grafana, and the page of metrics, name the metrics that there are, with labels that they have. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { metricsPage, registered, registries } from './metrics-page.ts'

const { bridge, worker } = registries()
const labelsOf = new Map([...registered(bridge), ...registered(worker)].map(one => [one.name, one.labelNames]))
/** Those that Prometheus adds. */
const ofEverything = ['job', 'instance', 'le']

/** The dashboard's queries and the rules', each on its own. */
const expressions: readonly (readonly [where: string, text: string])[] = [
  ...readFileSync('docs/monitoring/alerts.yml', 'utf8')
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map(rule => [rule.slice(0, rule.indexOf('\n')), /expr: ([\s\S]*?)\n {8}\w/.exec(rule)?.[1] ?? ''] as const),
  ...(
    JSON.parse(readFileSync('docs/monitoring/grafana-dashboard.json', 'utf8')) as {
      panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[]
    }
  ).panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
]

/** A histogram is three in a query. */
const declared = (name: string): string => (labelsOf.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))

test('there are rules and panels', () => expect(expressions.length).toBeGreaterThan(40))

test.each(expressions)('%s asks for metrics and labels that there are: %s', (_, text) => {
  const names = [...text.matchAll(/\b(?:drover|process)_\w+/g)].map(([name]) => declared(name))
  expect(names.length + Number(text.startsWith('up{'))).toBeGreaterThan(0)
  for (const name of names) expect([...labelsOf.keys()]).toContain(name)
  const known = [...ofEverything, ...names.flatMap(name => labelsOf.get(name) ?? [])]
  const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(/, */))
  const matched = [...text.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label)
  for (const label of [...grouped, ...matched]) expect(known).toContain(label)
})

test('a rule that waits for one event is not blind to the first, with which a count by label begins', () => {
  // From nothing to 1 is no increase
  const blind = expressions.filter(([where, text]) => {
    const counted = /\bincrease\((drover_\w+)/.exec(text)?.[1] ?? ''
    return where.startsWith('Drover') && (labelsOf.get(counted)?.length ?? 0) > 0 && !text.includes(' unless ')
  })
  expect(blind).toEqual([])
})

test('each metric of Drover is on the dashboard or in a rule', () => {
  const asked = new Set(
    expressions.flatMap(([, text]) => [...text.matchAll(/\bdrover_\w+/g)].map(([name]) => declared(name))),
  )
  const seldom = [
    'drover_bridge_sessions_opened_total',
    'drover_bridge_jobs_retried_total',
    'drover_bridge_presence_dropped_total',
  ]
  const missing = [...labelsOf.keys()].filter(name => name.startsWith('drover_') && !asked.has(name))
  expect(missing.toSorted()).toEqual(seldom.toSorted())
})

test('docs/metrics.md is as the code says; else run "npm run docs:metrics"', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsPage())
})
