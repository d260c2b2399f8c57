/**
 * The forms in which a value of a worker can be shown. Nothing of it becomes markup, and nothing an address except raster
 * pictures as `data:`. Design section 6.
 */

import { plain } from '../look/plain.ts'

export interface Picture {
  /** Where in the value: '' for the value itself. */
  readonly key: string
  /** A `data:` address of a raster picture. */
  readonly url: string
}

/** An array of flat objects. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export type ViewName = 'picture' | 'table' | 'text' | 'json'

/** The text after it can be nothing but pixels, or nothing that can be read. */
const raster = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/
const maxPictureCharacters = 32 * 1024 * 1024
const maxColumns = 40
/** Columns are those of so many rows. */
const sampledRows = 200

/** @returns whether it is a raster picture that an `<img>` may show; SVG is none, since it is markup */
export function isPicture(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxPictureCharacters && raster.test(value.slice(0, 40))
}

/** The value itself, or the first of its own properties that is a picture. */
export function pictureIn(value: unknown): Picture | undefined {
  if (isPicture(value)) return { key: '', url: value as string }
  if (!isContainer(value) || Array.isArray(value)) return undefined
  const found = Object.entries(value)
    .slice(0, 50)
    .find(([, one]) => isPicture(one))
  return found === undefined ? undefined : { key: found[0], url: found[1] as string }
}

export function tableIn(value: unknown): Table | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const columns = new Set<string>()
  for (const row of value.slice(0, sampledRows)) {
    if (!isContainer(row) || Array.isArray(row)) return undefined
    for (const [key, cell] of Object.entries(row)) {
      if (isContainer(cell)) return undefined
      columns.add(key)
    }
    if (columns.size > maxColumns) return undefined
  }
  if (columns.size === 0) return undefined
  return { columns: [...columns], rows: value as Record<string, unknown>[] }
}

/** The views that suit a value, the best first. */
export function viewsOf(value: unknown): readonly ViewName[] {
  if (pictureIn(value) !== undefined) return ['picture', 'json']
  if (tableIn(value) !== undefined) return ['table', 'json']
  return typeof value === 'string' ? ['text', 'json'] : ['json']
}

export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A scalar in a cell, or a container in a few words: `{…} 12 keys`. */
export function brief(value: unknown, maxCharacters = 120): string {
  if (typeof value === 'string')
    return plain(value.length > maxCharacters ? `${value.slice(0, maxCharacters)}…` : value)
  if (value === undefined) return ''
  if (Array.isArray(value)) return `[ ${value.length} ]`
  if (isContainer(value)) return `{ ${Object.keys(value).length} }`
  return String(value)
}

/** As JSON for people, for the clipboard. @throws {RangeError} when it is nested too deep for the engine */
export const toJson = (value: unknown): string => JSON.stringify(value, undefined, 2) ?? ''
