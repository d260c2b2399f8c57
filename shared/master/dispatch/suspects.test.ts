/** Jobs of which one ends the connection: which it is is found out, and the others go on. */
import { expect, test, vi } from 'vitest'
import { DroverError } from '../../contract/errors.ts'
import type { Stomp } from '../../stomp/mod.ts'
import { createMaster } from '../mod.ts'
import { scripted, session } from '../testing.ts'

const make = (stomp: Stomp, more = {}) => createMaster({ stomp, masterId: 'm', ...more })

test.for([
  'broker_unreachable',
  'timed_out',
  'connection_lost',
  'session_replaced',
  'slow_reader',
  'too_many_messages',
] as const)('a job under way when connections end by %s is not taken for the reason, however often', async code => {
  let fail: (error: Error) => void = () => {}
  const { stomp, become, jobs } = scripted(
    () =>
      new Promise<void>((resolve, reject) => {
        if (jobs().length > 6) resolve()
        else fail = reject
      }),
  )
  vi.useFakeTimers()
  try {
    await using master = make(stomp)
    const handle = master.dispatch('t', 1)
    for (let i = 0; i < 6; i++) {
      await vi.advanceTimersByTimeAsync(1000)
      fail(new DroverError('connection_lost', 'it went', { cause: new DroverError(code, 'reset') }))
      become({ at: 'connecting' })
      become({ at: 'open', session })
    }
    await vi.advanceTimersByTimeAsync(1000)
    await handle.sent
    expect(jobs().length).toBe(7)
  } finally {
    vi.useRealTimers()
  }
})

test.for([5, 400])('suspects go out again under a steady load, though a RECEIPT takes %i ms', async receiptMs => {
  vi.useFakeTimers()
  try {
    let isLost = false
    const failures: ((error: Error) => void)[] = []
    const { stomp, become, jobs } = scripted(
      () =>
        new Promise<void>((resolve, reject) => {
          if (isLost) setTimeout(resolve, receiptMs)
          else failures.push(reject)
        }),
    )
    await using master = make(stomp)
    const suspects = ['a', 'b', 'c'].map(input => master.dispatch('t', input))
    await vi.advanceTimersByTimeAsync(100)
    expect(jobs().length).toBe(3)
    isLost = true
    const cause = new DroverError('broker_error', 'no frame of yours')
    for (const fail of failures) fail(new DroverError('connection_lost', 'it went', { cause }))
    become({ at: 'connecting' })
    become({ at: 'open', session })
    await vi.advanceTimersByTimeAsync(0)
    const load = setInterval(() => void master.dispatch('t', 'load'), 2)
    await vi.advanceTimersByTimeAsync(6000)
    clearInterval(load)
    expect(suspects.map(({ snapshot }) => snapshot.phase.at)).toEqual(['sent', 'sent', 'sent'])
    const others = jobs().filter(({ body }) => String(body).includes('"load"')).length
    expect(others).toBeGreaterThan(1000) // they are not held up for long
    await vi.advanceTimersByTimeAsync(2000)
  } finally {
    vi.useRealTimers()
  }
})
