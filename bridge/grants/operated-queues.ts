/** Which queues of the embedded broker an operator may look into, empty and move. Design section 4. */
import { type Grants, grantCovers } from '../../shared/contract/grants.ts'
import { readDestination } from '../../shared/stomp/destinations.ts'
import type { Passes } from './passes.ts'

/**
 * Whether a queue may be operated: one of the session's namespace; that of a task where the grant covers the task, and any other
 * by `*` alone.
 * @param name such as `myapp.tasks.image.thumbnail`
 */
export function mayOperate({ ns, operate }: Pick<Grants, 'ns' | 'operate'>, name: string): boolean {
  if (!name.startsWith(`${ns}.`)) return false
  const task = taskOf(ns, name)
  return task === undefined ? operate.includes('*') : grantCovers(operate, task)
}

/**
 * Why messages may not go from one queue to another; `undefined` when they may. A job runs as the task that it was dispatched
 * for, a reply is for its master, and a dead letter is no job.
 */
export function whyNotMoved(ns: string, from: string, to: string): string | undefined {
  if (from === to) return `${from} is the queue that its messages are in; name another to move to`
  for (const name of [from, to]) {
    const kind = readDestination(ns, `/queue/${name}`)?.kind
    if (kind === 'reply') return `${name} has replies to a master, which only that master may read; they are not moved`
    if (kind === 'dead')
      return `${name} has dead letters, which are no jobs as they are; "drover dead retry" sends those again, and they are not moved`
  }
  const misspelled = whyNobodyReads(ns, to)
  if (misspelled !== undefined) return misspelled
  const [task, wanted] = [taskOf(ns, from), taskOf(ns, to)]
  if (task === undefined || wanted === undefined || task === wanted) return undefined
  return `${from} has jobs of the task ${task}, which workers of ${wanted} cannot run; they may go to queues of ${task}`
}

/** The first parts of names in a namespace that are Drover's own. */
const ownParts: readonly string[] = ['tasks', 'named', 'reply', 'dead', 'control', 'workers', 'events']

/** Why a queue is no place for messages; they may come from such a one. */
function whyNobodyReads(ns: string, to: string): string | undefined {
  if (readDestination(ns, `/queue/${to}`) !== undefined) return undefined
  const parts = to.slice(ns.length + 1).split('.')
  const expected = `expected one such as ${ns}.tasks.image.thumbnail, ${ns}.named.image.thumbnail.box-1 or ${ns}.parked`
  if (ownParts.includes(parts[0]!))
    return `${JSON.stringify(to)} begins as a queue of Drover's and is none, so that nobody reads it; ${expected}`
  if (!parts.includes('') && !/[\p{C}\p{Z}]/u.test(to)) return undefined
  return `${JSON.stringify(to)} cannot be typed as the name of a queue; ${expected}`
}

/**
 * Makes the function that gives a moved job a pass for its new queue, where it had one that fits.
 * @returns headers that are others there, or why the job has to stay
 */
export function createReaddress(
  ns: string,
  to: string,
  passes: Pick<Passes, 'read' | 'write'>,
): (headers: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | string {
  const wanted = taskOf(ns, to)
  return headers => {
    const pass = headers.get('drover-pass')
    // Beside the queues of tasks nobody asks for a pass, and its own still fits when it comes back
    if (pass === undefined || wanted === undefined) return nothing
    const correlationId = headers.get('correlation-id') ?? ''
    const read = passes.read(pass, correlationId, '')
    if (typeof read === 'string' || read.kind !== 'written') return nothing
    const { destination, replyTo, sender } = read.job
    if (replyTo !== (headers.get('reply-to') ?? '') || sender !== (headers.get('drover-sender') ?? '')) return nothing
    const isOfTask = destination.startsWith('/queue/') && taskOf(ns, destination.slice('/queue/'.length)) === wanted
    if (!isOfTask)
      return `The job ${correlationId} was sent to ${destination}, and its sender may not dispatch ${wanted}`
    const job = { destination: `/queue/${to}`, replyTo, sender }
    return new Map([['drover-pass', passes.write(job, correlationId, read.endsAt)]])
  }
}

/** The task whose jobs wait in a queue. */
function taskOf(ns: string, name: string): string | undefined {
  const purpose = readDestination(ns, `/queue/${name}`)
  return purpose !== undefined && 'task' in purpose ? purpose.task : undefined
}

const nothing: ReadonlyMap<string, string> = new Map()
