/** Grants as a token or a file of users states them: other people write those, so that each field is checked, the keys included. */
import type * as z from 'zod/mini'
import { type Grants as AnyGrants, grantsShape } from './grants.ts'
import { patternCovers } from './names.ts'
import { isSameSeal, SealGrant } from './seal-grant.ts'

export type Grants = AnyGrants

export const Grants: z.ZodMiniType<Grants> = grantsShape(SealGrant)

const names = {
  ns: true,
  dispatch: true,
  broadcast: true,
  work: true,
  observe: true,
  workers: true,
  dead: true,
  operate: true,
  admin: true,
  seal: true,
} satisfies Record<keyof Grants, true>

/**
 * In a token a grant without a meaning is one of a newer version. In settings it is one that somebody spelled wrongly, and would miss.
 * @returns the names of those in a value that are none
 */
export const unknownGrants = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value).filter(name => !Object.hasOwn(names, name)) : []

export const unknownGrantText: string = `there is no such grant; expected some of ${Object.keys(names).join(', ')}`

const lists = ['dispatch', 'broadcast', 'work', 'observe', 'operate'] as const

/** Whether everything that `inner` covers is covered by `outer` too, and by the same keys: how a narrower token is told from a wider one. */
export function grantsInclude(outer: Grants, inner: Grants): boolean {
  return (
    outer.ns === inner.ns &&
    lists.every(list => inner[list].every(pattern => outer[list].some(wider => patternIncludes(wider, pattern)))) &&
    (outer.workers || !inner.workers) &&
    (outer.dead || !inner.dead) &&
    (outer.admin === true || inner.admin !== true) &&
    isSameSeal(outer.seal, inner.seal)
  )
}

/** All that either gives, in one namespace. The keys are those of the first that has some. */
export function grantsTogether(one: Grants, other: Grants): Grants {
  const listed = Object.fromEntries(lists.map(list => [list, [...new Set([...one[list], ...other[list]])]]))
  return {
    ...one,
    ...(listed as Pick<Grants, (typeof lists)[number]>),
    workers: one.workers || other.workers,
    dead: one.dead || other.dead,
    ...(one.admin === true || other.admin === true ? { admin: true } : {}),
    ...(one.seal === undefined && other.seal !== undefined ? { seal: other.seal } : {}),
  }
}

function patternIncludes(wider: string, pattern: string): boolean {
  return wider === pattern || wider === '*' || (pattern !== '*' && patternCovers(wider, pattern))
}
