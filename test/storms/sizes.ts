/** How large storms are. */
import type { Size } from './storm.ts'

/** That of `npm run storms`. */
export const whole: Size = {
  masters: [
    { name: 'm1', runtime: 'node', by: 'tcp' },
    { name: 'm2', runtime: 'node', by: 'bridge' },
    { name: 'm3', runtime: 'deno', by: 'bridge' },
  ],
  workers: [
    { name: 'w1', runtime: 'node', by: 'tcp' },
    { name: 'w2', runtime: 'deno', by: 'tcp' },
    { name: 'w3', runtime: 'node', by: 'bridge' },
    { name: 'w4', runtime: 'deno', by: 'bridge' },
  ],
  perSecond: 40,
  longestMs: 400,
  pace: 1,
  timeoutMs: 300_000,
}

/** That of the tests. */
export const short: Size = {
  masters: [
    { name: 'm1', runtime: 'node', by: 'tcp' },
    { name: 'm2', runtime: 'deno', by: 'bridge' },
  ],
  workers: [
    { name: 'w1', runtime: 'node', by: 'tcp' },
    { name: 'w2', runtime: 'deno', by: 'bridge' },
  ],
  perSecond: 20,
  longestMs: 250,
  pace: 0.2,
  timeoutMs: 90_000,
}
