/** Finds the field that an issue belongs to. */
import { allParts, type Draft } from './draft.ts'
import type { Field, FieldIssue } from './field.ts'

/** Paths of the fields that a form shows. */
export const shownPaths = (field: Field, draft: Draft): ReadonlySet<string> =>
  new Set(allParts({ field, draft, path: '' }).map(({ path }) => path))

/** @returns the path, or the nearest around it that is known; `''` where none is */
export function nearest(path: string, known: { has(path: string): boolean }): string {
  let at = path
  while (at !== '' && !known.has(at)) at = at.slice(0, Math.max(0, at.lastIndexOf('.')))
  return at
}

/**
 * Places each issue at its field, or at the nearest around it: a worker may name a path that no field shows.
 * @returns messages by path, in the order of the issues; those that belong to no field are at `''`
 */
export function placeIssues(issues: readonly FieldIssue[], paths: ReadonlySet<string>): Map<string, string[]> {
  const placed = new Map<string, string[]>()
  for (const { path, message } of issues) {
    const at = nearest(path, paths)
    const said = at === path ? message : `${path.slice(at === '' ? 0 : at.length + 1)}: ${message}`
    placed.set(at, [...(placed.get(at) ?? []), said])
  }
  return placed
}
