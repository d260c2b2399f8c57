import { expect, test } from 'vitest'
import { artemis, classic, embedded, keptBack, rabbitmq } from './mod.ts'

const day = 86_400_000
const delayed = (ms: number) => ({ AMQ_SCHEDULED_DELAY: String(ms) })

test.for([
  ['no delay', artemis, false, 0, {}, undefined],
  ['less than none', artemis, false, -5, {}, undefined],
  ['a broker that keeps back', artemis, false, 700.2, delayed(701), undefined],
  ['the same, for a year', artemis, false, 365 * day, delayed(365 * day), undefined],
  ['a bridge before it, which takes a day', artemis, true, 3 * day, delayed(day), 2 * day],
  ['the embedded one, which takes a week', embedded, false, 9 * day, delayed(7 * day), 2 * day],
  ['the embedded one by its bridge', embedded, true, 9 * day, delayed(day), 8 * day],
  ['one whose delay a kill can lose', classic, false, 700, {}, 700],
  ['one without a delay', rabbitmq, true, 700, {}, 700],
] as const)('keptBack() by %s', ([, dialect, bridged, ms, headers, wait_ms]) => {
  expect(keptBack({ dialect, bridged }, ms)).toEqual({ headers, wait_ms })
})
