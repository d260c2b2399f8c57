import { expect, test } from 'vitest'
import { BrokerTime } from './broker-time.ts'

function ground() {
  let [wall, steady] = [1_700_000_000_000, 1_000]
  const time = new BrokerTime({ now: () => wall, steady: () => steady, timer: () => () => {} })
  return {
    time,
    pass(ms: number): void {
      wall += ms
      steady += ms
    },
    set(ms: number): void {
      wall += ms
    },
  }
}

test('BrokerTime is the wall clock’s until somebody tells, then the bridge’s, then the broker’s', () => {
  const { time, pass } = ground()
  expect([time.now(), time.isSure]).toEqual([1_700_000_000_000, false])
  time.connected({ clockOffsetMs: 4_000 })
  expect([time.now(), time.isSure]).toEqual([5_000, false])
  time.learn(900, 1_000, 9_000)
  expect([time.now(), time.isSure]).toEqual([9_050, true])
  pass(500)
  expect(time.now()).toBe(9_550)
})

test('BrokerTime goes on when the wall clock is set, and is not sure until it is taken again', () => {
  const { time, set } = ground()
  time.learn(1_000, 1_000, 50_000)
  for (const ms of [3_600_000, -7_200_000]) {
    set(ms)
    expect([time.now(), time.isSure]).toEqual([50_000, false])
    time.learn(1_000, 1_000, 50_000)
    expect(time.isSure).toBe(true)
  }
})

test('BrokerTime of a broker that gives none is the next best', () => {
  const { time } = ground()
  time.assume()
  expect([time.now(), time.isSure]).toEqual([1_700_000_000_000, true])
})
