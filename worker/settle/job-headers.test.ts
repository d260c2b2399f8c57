import { expect, test } from 'vitest'
import { fakeStomp } from '../testing.ts'
import { sentOnHeaders } from './job-headers.ts'

test.for([
  ['0', '0'],
  ['9', '9'],
  [' 7', ' 7'],
  ['10', undefined],
  ['-1', undefined],
  ['4.5', undefined],
  ['high', undefined],
  ['', undefined],
] as const)('a job that came with the priority "%s" goes on with %s', ([came, goes]) => {
  const { state } = fakeStomp()
  if (state.at !== 'open') throw new Error('The fake is not connected')
  expect(sentOnHeaders({ priority: came }, state.session).priority).toBe(goes)
})
