/** Whether a job can be dispatched as things stand, and to whom, with the words that tell a person. */
import { type Grants, grantCovers } from '../../shared/contract/mod.ts'
import type { Master, SealInfo, TaskInfo } from '../../shared/master/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { limitsSaid } from '../look/limits.ts'
import { count, type Tone } from '../look/mod.ts'

/** `queue` goes to one worker, `topic` to every worker. */
export type Mode = 'queue' | 'topic'

/** The facts that it depends on. */
export interface Facts {
  readonly task: string | undefined
  /** The chosen mode. */
  readonly wanted: Mode
  /** The task, as presence tells of it; absent while it is not watched. */
  readonly info: TaskInfo | undefined
  /** Absent without a master. */
  readonly connection: StompState | undefined
  /** Whether a master may yet come. */
  readonly isComing: boolean
  /** Absent where jobs travel in the open. */
  readonly seal: SealInfo | undefined
  /** Of the session, or of the last one; absent where nothing limits it. */
  readonly grants: Grants | undefined
  /** Whether there is something to fill in: a schema, or fields that were made of one. */
  readonly isFilled: boolean
  /** Whether JSON was asked for, or a value given, so that no schema is waited for. */
  readonly takesJson: boolean
}

interface Verdict {
  readonly canDispatch: boolean
  readonly tone: Tone
  /** Does not change while the situation is the same, so that it is announced once. */
  readonly text?: string
}

export interface Standing extends Verdict {
  /** The modes that the grants allow. */
  readonly modes: readonly Mode[]
  /** The chosen mode, as far as it is granted. */
  readonly mode: Mode
  /** How many would answer, in words. */
  readonly answers: string
  /** Whether there is nothing to fill in until workers announce the task's input. */
  readonly isPending: boolean
  /** Whether nobody is there to say it, so that JSON is the way for those who know. */
  readonly offersJson: boolean
  /** To whom jobs are sealed; absent where they travel in the open. */
  readonly seal: SealInfo | undefined
}

/** The facts that the master of a form tells. */
export function factsOfMaster({
  connection,
  isComing,
  master,
}: Pick<Facts, 'connection' | 'isComing'> & { readonly master: Master | undefined }): Pick<
  Facts,
  'connection' | 'isComing' | 'seal'
> {
  return { connection, isComing, seal: master?.seal }
}

export function allowedModes(task: string, grants: Grants | undefined): readonly Mode[] {
  if (grants === undefined) return ['queue', 'topic']
  const modes: Mode[] = []
  if (grantCovers(grants.dispatch, task)) modes.push('queue')
  if (grantCovers(grants.broadcast, task)) modes.push('topic')
  return modes
}

export function standingOf(facts: Facts): Standing {
  const { task, wanted, info, connection, grants, isFilled, takesJson } = facts
  const modes = task ? allowedModes(task, grants) : []
  const mode = modes.length === 1 ? modes[0]! : wanted === 'topic' ? 'topic' : 'queue'
  const isHeard = connection?.at === 'open' && modes.length > 0 && info?.known === true
  const isPending = !isFilled && !(isHeard && (info.workers > 0 || takesJson))
  return {
    modes,
    mode,
    answers: answersOf(info, connection),
    isPending,
    offersJson: isPending && isHeard,
    seal: facts.seal,
    ...judge(facts, modes, mode, isPending),
  }
}

const fine: Verdict = { canDispatch: true, tone: 'neutral' }
const no = (text: string, tone: Tone = 'warning'): Verdict => ({ canDispatch: false, tone, text })

function judge(
  { task, info, connection, isComing, seal }: Facts,
  modes: readonly Mode[],
  mode: Mode,
  isPending: boolean,
): Verdict {
  if (connection === undefined) {
    return isComing
      ? { canDispatch: false, tone: 'neutral' }
      : no('This form has no connection: put it inside a <drover-master>, or name one by its attribute "for".')
  }
  if (connection.at === 'closed') {
    return no('The connection is closed, so nothing can be sent. Sign in again, or reload the page.', 'danger')
  }
  if (!task) return no('Choose a task to dispatch.', 'neutral')
  if (modes.length === 0) {
    return no(
      `This sign-in may not dispatch "${task}": ask the operator of the bridge for a "dispatch" or "broadcast" grant.`,
    )
  }
  if (connection.at !== 'open') {
    return isPending
      ? no('The form shows once there is a connection.', 'neutral')
      : { ...fine, tone: 'warning', text: 'There is no connection now: the job will be sent when it is back.' }
  }
  if (info?.sealed === 'required' && seal === undefined) {
    return no(
      `Workers of "${task}" take sealed jobs only, and this page has no keys to seal by: give its <drover-master> some by "seal-keys".`,
    )
  }
  if (info?.known !== true) {
    return isPending ? no('Looking for workers that describe the input of this task…', 'neutral') : fine
  }
  if (info.workers > 0) return fine
  if (isPending) return no(`No worker of "${task}" is there yet: start one, and its form shows here.`, 'neutral')
  if (mode === 'topic') return no(`No worker of "${task}" is there, so nobody would answer: start one first.`)
  return { ...fine, tone: 'warning', text: `No worker of "${task}" is there now: the job waits until one is started.` }
}

function answersOf(info: TaskInfo | undefined, connection: StompState | undefined): string {
  if (connection === undefined || connection.at === 'connecting') return '…'
  if (connection.at !== 'open') return 'workers unknown while away'
  if (info?.known !== true) return 'looking for workers…'
  if (info.workers === 0) return 'no worker'
  return [count(info.workers, 'worker'), limitsSaid(info.limits)].filter(Boolean).join(' · ')
}
