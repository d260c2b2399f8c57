/**
 * A bridge's message of many workers at once, for a page that asked for changes. Their presence is in it, each once.
 * Design section 5.11.
 */
import * as z from 'zod/mini'
import { TaskName } from './names.ts'
import { type ChangedFacts, changedFactsIn, type Presence, presenceIn } from './presence.ts'
import { checkShape, checkVersion, parseJson } from './read-message.ts'

/** Asks for changes on a SUBSCRIBE, and tells of them on a MESSAGE. Only a bridge can say it to those behind it. */
export const changesHeader: { readonly name: string; readonly value: string } = {
  name: 'drover-presence',
  value: 'changes',
}

/** A worker as it is now. */
export interface PresenceChange {
  readonly task: string
  /** For how long it had said nothing when this was written; 0 where no beat is late. */
  readonly silentMs: number
  readonly said: Presence
}

/** A worker that was told of before, as far as it is another now. */
export interface ChangedWorker {
  readonly workerId: string
  readonly silentMs: number
  readonly now: ChangedFacts
}

export interface PresenceChanges {
  /** The bridge tells all that it knows from here on; workers that it does not name are unknown to it. */
  readonly isSnapshot: boolean
  /** The bridge tells no more by this subscription: subscribe again. */
  readonly isEnd: boolean
  readonly workers: readonly (PresenceChange | ChangedWorker)[]
  /** Of those in the message, how many are of a type that this version does not know, and how many cannot be read. */
  readonly unknown: number
  readonly invalid: number
}

const schema = z.object({
  type: z.literal('changes'),
  snapshot: z._default(z.boolean(), false),
  ended: z._default(z.boolean(), false),
  workers: z._default(z.array(z.unknown()), () => []),
})

const silentMs = z._default(z.number().check(z.nonnegative()), 0)
const Change = z.object({ task: TaskName, silent_ms: silentMs, said: z.unknown() })
const Changed = z.object({ worker_id: z.string(), silent_ms: silentMs, now: z.unknown() })

/**
 * Reads a message of changes. A worker in it that cannot be read hides no other.
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 */
export function parsePresenceChanges(body: string): PresenceChanges {
  const json = parseJson(body, 'presence message')
  checkVersion(json, 'presence message')
  const { snapshot, ended, workers: found } = checkShape(schema, json, 'presence message')
  const workers: (PresenceChange | ChangedWorker)[] = []
  let unknown = 0
  let invalid = 0
  for (const one of found) {
    try {
      if (isChanged(one)) {
        const { worker_id, silent_ms, now } = checkShape(Changed, one, 'presence message')
        workers.push({ workerId: worker_id, silentMs: silent_ms, now: changedFactsIn(now) })
        continue
      }
      const { task, silent_ms: silentMs, said: words } = checkShape(Change, one, 'presence message')
      const said = presenceIn(words)
      if (said === undefined) unknown++
      else if ('task' in said && said.task !== task) invalid++
      else workers.push({ task, silentMs, said })
    } catch {
      invalid++
    }
  }
  return { isSnapshot: snapshot, isEnd: ended, workers, unknown, invalid }
}

const isChanged = (one: unknown): boolean => typeof one === 'object' && one !== null && 'now' in one
