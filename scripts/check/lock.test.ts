import { expect, test } from 'vitest'
import { completeLock, missingFromLock } from './lock.ts'

const lock = {
  lockfileVersion: 3,
  packages: {
    '': {},
    'node_modules/tool': {
      version: '1.2.3',
      dev: true,
      optionalDependencies: {
        '@tool/linux-x64': '1.2.3',
        '@tool/darwin-arm64': '1.2.3',
        '@tool/binding-linux-arm-musleabihf': '1.2.3',
        fsevents: '~2.3.2',
      },
    },
    'node_modules/@tool/linux-x64': { version: '1.2.3', dev: true },
  },
}

test('missingFromLock() finds the platforms that the lock lacks, and reads them from the names', () => {
  expect([...missingFromLock(lock)]).toEqual([
    [
      'node_modules/@tool/darwin-arm64',
      { version: '1.2.3', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] },
    ],
    [
      'node_modules/@tool/binding-linux-arm-musleabihf',
      { version: '1.2.3', cpu: ['arm'], dev: true, libc: ['musl'], optional: true, os: ['linux'] },
    ],
  ])
})

test('completeLock() lacks nothing and keeps the rest', () => {
  const complete = completeLock(lock)
  expect(missingFromLock(complete).size).toBe(0)
  expect(complete).toMatchObject(lock)
})
