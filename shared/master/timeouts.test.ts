import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { uncaughtOf } from './node-testing.ts'
import { Timeouts } from './timeouts.ts'

/** A clock that stands until it is told to go on, and allows one timer. */
function fakeClock() {
  let now = 0
  let timer: { at: number; fire: () => void } | undefined
  const clock: Clock = {
    now: () => now,
    steady: () => now,
    timer(ms, fire) {
      expect(timer, 'one timer at a time').toBeUndefined()
      const mine = { at: now + ms, fire }
      timer = mine
      return () => {
        if (timer === mine) timer = undefined
      }
    },
  }
  function goOn(to: number) {
    while (timer !== undefined && timer.at <= to) {
      const { at, fire } = timer
      now = Math.max(now, at)
      timer = undefined
      fire()
    }
    now = to
  }
  /** Time passes and nothing runs. */
  function sleep(to: number) {
    now = to
  }
  return { clock, goOn, sleep, isIdle: () => timer === undefined }
}

test('deadlines come in order, deleted ones never, on one timer', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 1000 }), fc.boolean()), { maxLength: 200 }),
      steps => {
        const { clock, goOn, isIdle } = fakeClock()
        const timeouts = new Timeouts(clock)
        const model = new Map<string, number>()
        const fired: [string, number][] = []
        for (const [n, ms, isSet] of steps) {
          const key = String(n)
          if (isSet) {
            timeouts.set(key, ms, () => fired.push([key, clock.steady()]))
            model.set(key, ms)
          } else {
            timeouts.delete(key)
            model.delete(key)
          }
        }
        goOn(2000)
        expect(fired.map(([, at]) => at)).toEqual(fired.map(([, at]) => at).toSorted((a, b) => a - b))
        expect(new Map(fired)).toEqual(model)
        expect(isIdle()).toBe(true)
      },
    ),
  ))

test('a deadline set while another fires is kept', () => {
  const { clock, goOn } = fakeClock()
  const timeouts = new Timeouts(clock)
  const fired: number[] = []
  timeouts.set('a', 10, () => timeouts.set('a', 10, () => fired.push(clock.steady())))
  goOn(100)
  expect(fired).toEqual([20])
})

test('clear() leaves no timer', () => {
  const { clock, isIdle } = fakeClock()
  const timeouts = new Timeouts(clock)
  timeouts.set('a', 10, () => {})
  timeouts.clear()
  expect([isIdle(), timeouts.size]).toEqual([true, 0])
})

test('a deadline further away than a timer reaches does not come early', () => {
  const { clock, goOn } = fakeClock()
  const timeouts = new Timeouts(clock)
  let fired = false
  timeouts.set('a', 2 ** 33, () => {
    fired = true
  })
  goOn(2 ** 32)
  expect(fired).toBe(false)
  goOn(2 ** 33)
  expect(fired).toBe(true)
})

test('a timer that comes late says so first, and a deadline that is set anew then waits', () => {
  const { clock, goOn, sleep } = fakeClock()
  const told: string[] = []
  const timeouts = new Timeouts(clock, () => {
    told.push('stood still')
    timeouts.set('anew', 100, () => told.push('anew'))
  })
  timeouts.set('anew', 10, () => told.push('too soon'))
  timeouts.set('due', 20, () => told.push('due'))
  goOn(9)
  sleep(5000)
  goOn(5050)
  expect(told).toEqual(['stood still', 'due'])
  goOn(5200)
  expect(told).toEqual(['stood still', 'due', 'anew'])
})

test('where every timer comes late, as in a hidden page, each deadline passes all the same', () => {
  const { clock, goOn, sleep } = fakeClock()
  let due = 0
  const timeouts = new Timeouts(clock, () => timeouts.set('a', 100, () => due++))
  timeouts.set('a', 10, () => due++)
  for (let minute = 1; minute <= 2; minute++) {
    sleep(minute * 60_000)
    goOn(minute * 60_000)
  }
  expect(due).toBe(1)
})

test('one that throws takes no other with it, nor one that is set later', async () => {
  const { clock, goOn } = fakeClock()
  const timeouts = new Timeouts(clock)
  const fired: string[] = []
  const thrown = await uncaughtOf(async () => {
    timeouts.set('a', 10, () => {
      throw new Error('mine')
    })
    timeouts.set('b', 10, () => fired.push('b'))
    timeouts.set('c', 20, () => fired.push('c'))
    goOn(30)
    timeouts.set('d', 10, () => fired.push('d'))
    goOn(50)
  })
  expect([fired, thrown]).toEqual([['b', 'c', 'd'], ['mine']])
})
