/** A master under Deno whose jobs are in a file: it goes, and the next one on that file ends its jobs. Promise 1. */
import assert from 'node:assert/strict'
import * as z from 'zod/mini'
import { listenTcp } from '../../../../bridge/deno/tcp.ts'
import { createEmbeddedBroker } from '../../../../broker/mod.ts'
import { defineTask } from '../../../../shared/contract/mod.ts'
import { fileStorage, startMaster } from '../../../../shared/master/deno.ts'
import { implement, startWorker } from '../../../../worker/deno.ts'

Deno.test('a master on Deno comes back to its jobs by the file that it kept them in', async () => {
  const folder = await Deno.makeTempDir({ prefix: 'drover-master-' })
  const broker = createEmbeddedBroker()
  const listener = await listenTcp({ port: 0, accept: broker.accept })
  const url = `stomp://foo:bar@127.0.0.1:${listener.port}`
  const path = `${folder}/jobs.log`
  try {
    const first = await startMaster({ url, storage: fileStorage(path) })
    const job = first.dispatch('sums.double', 21)
    await job.sent
    await first[Symbol.asyncDispose]()

    const double = implement(defineTask('sums.double', { input: z.number() }), n => n * 2)
    await using _worker = await startWorker({ url, tasks: [double], signals: false })
    await using second = await startMaster({ url, storage: fileStorage(path) })
    const kept = second.job(job.request_id)
    assert(kept?.mode === 'queue')
    const outcome = await kept.outcome
    assert.equal(outcome.type === 'result' && outcome.output, 42)
  } finally {
    await listener.close()
    await broker.close()
    await Deno.remove(folder, { recursive: true })
  }
})
