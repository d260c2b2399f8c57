import { expect, test } from 'vitest'
import { FrameScanner } from '../../../shared/frames/mod.ts'
import { classic } from '../../../shared/stomp/dialects/mod.ts'
import { common, commonAt, keptCount, known } from './common-names.ts'
import { SendReader } from './send-head.ts'

test.each(Object.entries(common))('%s is known by its bytes, however long it is', (name, is) => {
  const bytes = new TextEncoder().encode(name)
  expect(commonAt(bytes, 0, bytes.length)).toBe(is)
})

test('a SEND that was read has a place for each header whose value is kept', () => {
  const [frame] = new FrameScanner().push(new TextEncoder().encode('SEND\n\n\0'))
  const { first } = new SendReader('1.2', classic).read(frame!)
  expect(first).toEqual(Array.from({ length: keptCount }, () => -1))
  expect(Object.values(known).filter(is => is <= known.transaction)).toHaveLength(keptCount)
})
