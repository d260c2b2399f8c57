import { expect, test } from 'vitest'
import { logLevelOf } from './log-level.ts'

test.for([
  [
    'error',
    ['E', 'F', 'ftl', 'FAIL', 'failure', 'crit', 'dpanic', 'pnc', '[ERROR]', 'error:', 'ERROR+2', 'exception', 50, '3'],
  ],
  ['warn', ['W', 'wrn', '[warn]', 'WARNING:', 'warn ', 30, 4]],
  ['info', ['I', 'inf', 'N', 'hint', 'success', '<info>', 'INFO+1', 20, 5, null, {}, 'whatever', '']],
  ['debug', ['D', 'dbg', 'dbug', 'DEBUG-4', 'V', 'T', 'trc', 'trce', 'config', 10, 7]],
] as const)('%s is the level of each of these: %j', ([level, said]) => {
  expect(said.map(one => [one, logLevelOf(one)])).toEqual(said.map(one => [one, level]))
})
