/**
 * Grants: the rights that a token gives. Other people's servers mint these tokens, so this is a public contract (design section
 * 4). The bridge compiles them into destinations; a page reads them and offers no more.
 */
import * as z from 'zod/mini'
import { patternCovers } from './names.ts'
import type { SealGrant } from './seal-grant.ts'

/** Patterns are task names, prefixes ending in `.*`, or `*`. Absent means nothing. */
export interface Grants {
  /** Namespace: the prefix of every destination. */
  ns: string
  /** Tasks of which jobs may be given to one worker; cancelling and presence come with it. */
  dispatch: string[]
  /** Tasks of which jobs may be given to every worker. */
  broadcast: string[]
  /** Tasks that may be worked on. */
  work: string[]
  /** Tasks whose events may be read. */
  observe: string[]
  /** Whether the presence of every worker may be read. */
  workers: boolean
  /** Whether jobs that were given up on may be read. */
  dead: boolean
  /** Tasks that may be operated: their workers paused, their queues looked into, emptied and moved, their dead letters sent again. */
  operate: string[]
  /** Whether tokens of others may be revoked, in every namespace of the bridge. Absent: no. */
  admin?: boolean | undefined
  /** The keys that a page is to seal its jobs by; no right, and absent where it seals by none. */
  seal?: SealGrant | undefined
}

const pattern = 'expected a task name, "prefix.*" or "*", of at most 202 characters'
const Pattern = z.string(pattern).check(z.regex(/^(?=.{1,202}$)(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?)$/, pattern))
const list = 'expected a list of at most 1000 patterns, such as ["image.*"]'
const Patterns = z._default(z.array(Pattern, list).check(z.maxLength(1000, list)), () => [])
const Flag = z._default(z.boolean('expected true or false'), false)

/** Names that follow a namespace in a destination, at the end or after a first part: `a.tasks` would lie inside of `a`. */
const notNested =
  /^(?!(.*\.)?(tasks|named|reply|control|workers|events|dead)$)(?!.*\.(tasks|named|reply|control|workers|events|dead)\.)/

const namespaceText = 'expected a text of 1 to 100 characters'

/**
 * A namespace: like a task name, since it stands in destinations; and none that lies inside of another, where
 * `/queue/a.tasks.tasks.x` would be the task `x` of `a.tasks` and the task `tasks.x` of `a`.
 */
export const Namespace: z.ZodMiniType<string> = z
  .string(namespaceText)
  .check(
    z.maxLength(100, namespaceText),
    z.regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'expected parts of a-z, 0-9, _ and - with dots between'),
    z.regex(
      notNested,
      'expected neither its last part nor one after the first to be tasks, named, reply, control, workers, events or dead',
    ),
  )

/** The shape of grants. @param seal the check of the keys */
export function grantsShape(seal: z.ZodMiniType<SealGrant>): z.ZodMiniType<Grants> {
  const fields = {
    ns: z._default(Namespace, 'myapp'),
    dispatch: Patterns,
    broadcast: Patterns,
    work: Patterns,
    observe: Patterns,
    workers: Flag,
    dead: Flag,
    operate: Patterns,
    admin: z.optional(z.boolean('expected true or false')),
    seal: z.optional(seal),
  }
  return z.toZod<Grants>()(z.object(fields, 'expected an object of grants, such as {"dispatch":["image.*"]}'))
}

/** Grants as a bridge tells them to a session. It has checked the keys, and the master that seals by them reads them once more. */
export const SessionGrants: z.ZodMiniType<Grants> = grantsShape(z.unknown() as z.ZodMiniType<SealGrant>)

/** Whether any of `patterns` covers `task`. */
export function grantCovers(patterns: readonly string[], task: string): boolean {
  return patterns.some(pattern => patternCovers(pattern, task))
}

/** Nothing is granted, in the default namespace. */
export const noGrants: Grants = {
  ns: 'myapp',
  dispatch: [],
  broadcast: [],
  work: [],
  observe: [],
  workers: false,
  dead: false,
  operate: [],
}

/** Everything that can be granted in a namespace, for the default one. */
export const allGrants: Grants = {
  ns: 'myapp',
  dispatch: ['*'],
  broadcast: ['*'],
  work: ['*'],
  observe: ['*'],
  workers: true,
  dead: true,
  operate: ['*'],
}
