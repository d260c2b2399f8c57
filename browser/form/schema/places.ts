/** Finds the field that an issue belongs to. */
import type { Draft } from './draft.ts'
import { type Field, type FieldIssue, pathText } from './field.ts'

/** Paths of the fields that a form shows. */
export function shownPaths(field: Field, draft: Draft): Set<string> {
  const paths = new Set<string>()
  collect(field, draft, [], paths)
  return paths
}

function collect(field: Field, draft: Draft, path: readonly (string | number)[], paths: Set<string>): void {
  paths.add(pathText(path))
  if (draft.is === 'object' && field.kind === 'object') {
    draft.fields.forEach((one, index) => {
      const inner = field.fields[index]!
      collect(inner, one, [...path, inner.key], paths)
    })
  } else if (draft.is === 'list' && field.kind === 'list') {
    draft.items.forEach((item, index) => {
      collect(field.item, item.draft, [...path, index], paths)
    })
  } else if (draft.is === 'variant' && field.kind === 'variant') {
    collect(field.variants[draft.index]!, draft.draft, path, paths)
  }
}

/**
 * Places each issue at its field, or at the nearest around it: a worker may name what no field shows.
 * @returns messages by path, in the order of the issues; what belongs to no field is at `''`
 */
export function placeIssues(issues: readonly FieldIssue[], paths: ReadonlySet<string>): Map<string, string[]> {
  const placed = new Map<string, string[]>()
  for (const { path, message } of issues) {
    let at = path
    while (at !== '' && !paths.has(at)) at = at.slice(0, Math.max(0, at.lastIndexOf('.')))
    const said = at === path ? message : `${path.slice(at === '' ? 0 : at.length + 1)}: ${message}`
    placed.set(at, [...(placed.get(at) ?? []), said])
  }
  return placed
}
