import { expect, test } from 'vitest'
import { FeedReader } from './feed-reader.ts'
import type { JobNews } from './state/job.ts'

const news = (losses: number): JobNews => ({ type: 'loss', losses, at: 0 })

test('a reader is given the news that were there, then those that come, then the end', async () => {
  const reader = new FeedReader(
    [news(1)],
    () => 0,
    () => {},
  )
  const read: unknown[] = [await reader.next()]
  const waiting = reader.next()
  reader.push([news(2), news(3)])
  read.push(await waiting, await reader.next())
  reader.end()
  read.push(await reader.next())
  expect(read).toEqual([...[1, 2, 3].map(n => ({ done: false, value: news(n) })), { done: true, value: undefined }])
})

test('a reader that leaves is let go of, and one that waits then ends', async () => {
  const left: FeedReader[] = []
  const reader = new FeedReader(
    [],
    () => 0,
    one => left.push(one),
  )
  const waiting = reader.next()
  await reader.return()
  expect([(await waiting).done, left]).toEqual([true, [reader]])
})

test('a reader that falls far behind is told how much it missed', async () => {
  const reader = new FeedReader(
    [],
    () => 5,
    () => {},
  )
  for (let n = 0; n < 10_003; n++) reader.push([news(n)])
  expect((await reader.next()).value).toEqual({ type: 'missed', count: 3, at: 5 })
  expect((await reader.next()).value).toEqual(news(3))
})
