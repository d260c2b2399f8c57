import { afterAll } from 'vitest'
import { spawnBridge, type TestBridge } from '../support/bridges/bridges.ts'
import { bridgeConformance } from './conformance.ts'

let bridge: TestBridge | undefined
bridgeConformance(async () => (bridge = await spawnBridge('deno', { broker: 'embedded' })), {
  dialect: 'embedded',
  binary: true,
  replySendPrefix: '/queue/',
  confirmsDisconnect: true,
})
afterAll(() => bridge?.[Symbol.asyncDispose]())
