import { expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { CatchUp } from './catch-up.ts'
import { Timeouts } from './timeouts.ts'

test('a job that was sent while the queue was read may have news after a sleep, and nobody asks after it', () => {
  vi.useFakeTimers()
  try {
    const asked: string[][] = []
    const catchUp = new CatchUp(new Timeouts(systemClock), from => asked.push([...from]))
    catchUp.begin(new Set(['before']))
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
