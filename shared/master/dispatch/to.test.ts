/** A job for one worker by name, on its way through a bridge. */
import { expect, test } from 'vitest'
import { createMaster } from '../mod.ts'
import { scripted, session } from '../testing.ts'

/** A master behind a bridge with these abilities, and the outcome of a job of it that is for one worker. */
async function dispatched(features: readonly string[]) {
  const { stomp, become, jobs } = scripted()
  become({ at: 'open', session: { ...session, bridged: true, features } })
  await using master = createMaster({ stomp, masterId: 'm' })
  const job = master.dispatch('t', 1, { to: 'plum' })
  await Promise.allSettled([job.sent])
  return { phase: job.snapshot.phase, destinations: jobs().map(({ destination }) => destination) }
}

test('a bridge that knows such jobs is sent it, and an older one, which would end the session, is not', async () => {
  expect(await dispatched(['named'])).toMatchObject({
    phase: { at: 'sent' },
    destinations: ['/queue/myapp.named.t.plum'],
  })
  expect(await dispatched([])).toMatchObject({
    phase: { outcome: { error: { code: 'unsupported', message: expect.stringContaining('update the bridge') } } },
    destinations: [],
  })
})
