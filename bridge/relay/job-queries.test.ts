import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from '../../shared/frames/mod.ts'
import { embedded } from '../../shared/stomp/dialects/mod.ts'
import { compileLinkPolicy } from '../grants/link-policy.ts'
import { createPasses, SessionPasses } from '../grants/passes.ts'
import { SendReader } from './headers/send-head.ts'
import { JobQueries } from './job-queries.ts'

test('a link asks ten times at once and then once a second, and a wall clock that is set changes nothing of that', () => {
  const clock = { wall: 1_700_000_000_000, steady: 5_000 }
  const job = { task: 'a', request_id: crypto.randomUUID() }
  const passes = createPasses({ mac: text => text, olderMac: text => text, now: () => clock.wall })
  const ports = {
    policy: compileLinkPolicy({ job, namespace: 'myapp', owner: 'ada_job', sender: 'ada', dialect: embedded }),
    version: '1.2',
    passes: new SessionPasses(passes, 'ada_job'),
    share: {
      get now() {
        return clock.steady
      },
    },
    masterId: `${job.request_id}_x`,
  } as const
  const [frame] = new FrameScanner().push(encodeFrame('SEND', [['destination', '/bridge/job']]))
  const queries = new JobQueries()
  const ask = () =>
    queries.write(new SendReader('1.2', embedded).read(frame!), { allow: 'job_query', job, sender: 'ada' }, ports)
  const tooMany = expect.objectContaining({ code: 'too_many_attempts' })

  for (let asked = 0; asked < 10; asked++) ask()
  clock.wall += 86_400_000
  expect(ask, 'the wall clock was set forward').toThrow(tooMany)
  clock.wall -= 2 * 86_400_000
  clock.steady += 3_000
  ask()
  ask()
  expect(ask).toThrow(tooMany)
})
