import { expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { scripted } from '../testing.ts'
import { Timeouts } from '../timeouts.ts'
import { CatchUp } from './catch-up.ts'
import { Fence } from './fence.ts'

test('a job that was sent while the queue was read may have news after a sleep, and nobody asks after it', () => {
  vi.useFakeTimers()
  try {
    const asked: string[][] = []
    const timeouts = new Timeouts(systemClock)
    const { stomp } = scripted()
    const fence = new Fence({ stomp, clock: systemClock, timeouts, newId: () => '', onBack: () => {} })
    const catchUp = new CatchUp({
      timeouts,
      fence,
      onRead: from => asked.push([...from]),
      onCurrent: () => {},
      onSilent: () => {},
    })
    catchUp.begin({ bridged: true }, new Set(['before']))
    const news = () => ['before', 'sent', 'unsent'].filter(id => catchUp.mayHaveNews(id))
    expect(news()).toEqual(['before'])
    catchUp.stoodStill(() => new Set(['sent']))
    expect(news()).toEqual(['before', 'sent'])
    vi.advanceTimersByTime(1000)
    expect([news(), asked]).toEqual([[], [['before']]])
    catchUp.stoodStill(() => new Set(['sent']))
    expect(news()).toEqual(['sent'])
    vi.advanceTimersByTime(1000)
    expect([news(), asked]).toEqual([[], [['before'], []]])
  } finally {
    vi.useRealTimers()
  }
})
