/** Grants as a token or a file of users states them: other people write those, so that each field is checked, the keys included. */
import type * as z from 'zod/mini'
import { type Grants as AnyGrants, grantsShape } from './grants.ts'
import { patternCovers } from './names.ts'
import { isSameSeal, SealGrant } from './seal-grant.ts'

export type Grants = AnyGrants

export const Grants: z.ZodMiniType<Grants> = grantsShape(SealGrant)

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
