/** The words of a form about the job that it has dispatched. */
import type { JobState } from '../../shared/master/mod.ts'
import { outcomeLine } from '../job/describe.ts'
import { count, lookOfJob, plain, type Tone, tally } from '../look/mod.ts'
import type { FieldIssue } from './schema/mod.ts'
import type { Mode } from './standing.ts'

/** The issues that workers found in the input; of a broadcast, with the names of the workers. */
export function rejectionsOf(job: JobState | undefined): readonly FieldIssue[] {
  if (job === undefined) return []
  const { phase, workers, mode } = job
  if (mode === 'queue') {
    return phase.at === 'ended' && phase.outcome.type === 'rejected'
      ? phase.outcome.issues.map(({ path, message }) => ({ path, message: plain(message) }))
      : []
  }
  return workers.flatMap(({ outcome, name, worker_id }) => {
    if (outcome?.type !== 'rejected') return []
    const who = outcome.name ?? name ?? worker_id
    return outcome.issues.map(({ path, message }) => ({ path, message: plain(`${message} (${who})`) }))
  })
}

/** @param job absent once the master does not know it any more */
export function sentWords(job: JobState | undefined, mode: Mode): { readonly tone: Tone; readonly text: string } {
  const whom = mode === 'topic' ? 'all workers' : 'one worker'
  const phase = job?.phase
  if (rejectionsOf(job).length > 0) {
    const who = job!.mode === 'topic' ? 'Workers' : 'A worker'
    return { tone: 'danger', text: `${who} rejected the input: change the marked fields.` }
  }
  if (phase?.at === 'ended') {
    const { outcome } = phase
    if (outcome.type === 'error' && outcome.worker_id === undefined) {
      return {
        tone: 'danger',
        text: `The job could not be sent: ${plain(outcome.error.message || outcome.error.code)}`,
      }
    }
    if (outcome.type === 'no_worker')
      return { tone: 'danger', text: 'Nobody was there to answer: start a worker first.' }
    const { word, tone } = lookOfJob(job!)
    const line = job!.mode === 'topic' ? answersIn(job!) : outcome.type === 'result' ? '' : outcomeLine(outcome, job!)
    if (outcome.type === 'answered') return { tone, text: `${line}.` }
    return { tone, text: line === '' ? `${word}.` : `${word}: ${line.replace(/[.]$/, '')}.` }
  }
  if (phase?.at === 'unsent' && !phase.tried) {
    const kept = job?.secrets === undefined ? 'Kept' : 'Kept while this page is open, since its input holds a secret,'
    return { tone: 'info', text: `${kept} for ${whom}; on its way once there is a connection.` }
  }
  return { tone: 'info', text: `Dispatched to ${whom}.` }
}

/** How a broadcast went: how many answered, and how many of those failed. */
function answersIn(job: JobState): string {
  const { results, failed, missing } = tally(job)
  const answered = results + failed
  return `${answered} of ${count(answered + missing, 'worker')} answered${failed > 0 ? `, ${failed} failed` : ''}`
}
