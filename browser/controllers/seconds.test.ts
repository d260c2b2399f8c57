import type { ReactiveControllerHost } from 'lit'
import { afterEach, expect, test, vi } from 'vitest'
import { steppedClock } from '../../shared/master/testing.ts'
import { SecondsController } from './seconds.ts'

afterEach(() => void vi.unstubAllGlobals())

/** A clock that stands at a whole second, and widgets by it. */
function world() {
  const { clock, goOn } = steppedClock()
  const start = clock.now()
  const widget = (isNeeded?: () => boolean) => {
    const renders: number[] = []
    const host = { addController() {}, requestUpdate: () => void renders.push(clock.now() - start) }
    const seconds = new SecondsController(host as unknown as ReactiveControllerHost, clock, isNeeded)
    seconds.hostConnected()
    return { renders, seconds }
  }
  return { goOn, widget }
}

test('widgets that begin at different moments render at the same ones, until they are taken out', async () => {
  vi.stubGlobal('document', { visibilityState: 'visible' })
  const { goOn, widget } = world()
  await goOn(300)
  const one = widget()
  await goOn(450)
  const two = widget()
  await goOn(2000)
  expect(one.renders).toEqual([1_000, 2_000])
  expect(two.renders).toEqual(one.renders)
  one.seconds.hostDisconnected()
  await goOn(1000)
  expect(one.renders).toHaveLength(2)
  expect(two.renders).toHaveLength(3)
})

test('nothing renders in a hidden tab, nor where nothing counts; both go on when that ends', async () => {
  vi.stubGlobal('document', { visibilityState: 'hidden' })
  const { goOn, widget } = world()
  await goOn(300)
  let isNeeded = false
  const { renders } = widget(() => isNeeded)
  await goOn(2000)
  vi.stubGlobal('document', { visibilityState: 'visible' })
  await goOn(2000)
  expect(renders).toEqual([])
  isNeeded = true
  await goOn(1000)
  expect(renders).toEqual([5_000])
})
