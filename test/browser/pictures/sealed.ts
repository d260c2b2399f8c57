/** Sealed jobs in each widget, open and closed. */
import type { FormFixture } from '../fixtures/form.ts'
import type { JobFixture } from '../fixtures/job.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import type { Scene } from './scene.ts'

declare const fixture: FormFixture & JobsFixture & JobFixture

const scene = (name: string, where: string, set: () => void): Scene => ({
  name,
  where,
  async set(page) {
    await page.waitForFunction(() => 'fixture' in globalThis)
    await page.evaluate(set)
  },
})

export const sealedScenes: readonly Scene[] = [
  scene('form-sealed', 'form', () => {
    const recipients = ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', 'autumn']
    fixture.master.seal = { recipients, problem: undefined, isUnkept: false }
    fixture.show(fixture.schemas.thumbnail)
  }),
  scene('form-sealed-away', 'form', () => {
    const problem = new Error('The keys of https://shop.example/keys/jwks.json cannot be read: it answered 503')
    fixture.master.seal = { recipients: [], problem, isUnkept: false }
    fixture.show(fixture.schemas.thumbnail)
  }),
  scene('form-sealed-required', 'form', () => {
    fixture.show(fixture.schemas.thumbnail)
    fixture.master.tasks = fixture.master.tasks.map(info => ({ ...info, sealed: 'required' as const }))
    fixture.master.emit({ type: 'workers' })
  }),
  scene('jobs-sealed', 'jobs', () => {
    const states = fixture.everyState(Date.now()).map((job, at) => {
      if (at % 3 === 0) return job
      if (at % 3 === 1) return { ...job, sealed: true as const }
      return { ...job, sealed: true as const, input: null, unopened: {} }
    })
    fixture.master.set(...states)
  }),
  scene('job-sealed', 'job', () => fixture.show(fixture.result({ bytes: 18_233 }, { sealed: true }))),
  scene('job-closed', 'job', () => {
    const outcome = { type: 'result', took_ms: 3210, name: 'plum-1', sealed: true }
    fixture.show(fixture.ended(outcome, { sealed: true, input: null, unopened: {} }))
  }),
  scene('job-closed-failed', 'job', () => {
    const error = { name: 'Sealed', code: 'sealed', message: 'This error is sealed', retryable: false }
    fixture.show(fixture.ended({ type: 'error', error, name: 'plum-1', sealed: true }, { sealed: true }))
  }),
]
