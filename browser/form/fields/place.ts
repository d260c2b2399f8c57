/** Where a field stands in its form, and what it may ask of it. */
import { type Draft, type Path, pathText } from '../schema/mod.ts'

export interface FormPort {
  /** What is wrong at a field. */
  issuesAt(path: Path): readonly string[]
  /** Tells those who do not see it. */
  say(text: string): void
  /** Focuses an element by its id, once it is there. */
  focus(id: string): void
}

export interface Place {
  readonly path: Path
  readonly form: FormPort
  /** @param at of the field that was edited; default this one */
  readonly change: (update: (draft: Draft) => Draft, at?: Path) => void
  /** For whom the label is not shown, as in a row of a list: what the input is called. */
  readonly name?: string
  /** Where two things stand at one path, as a choice of shapes and the shape. Default: made from the path. */
  readonly id?: string
}

/** The place of a part. @param put how a changed part becomes a changed whole */
export function inside(
  place: Place,
  key: string | number | undefined,
  put: (whole: Draft, update: (part: Draft) => Draft) => Draft,
): Place {
  const path = key === undefined ? place.path : [...place.path, key]
  return {
    path,
    form: place.form,
    change: (update, at = path) => place.change(whole => put(whole, update), at),
  }
}

/** Without spaces, since lists of ids are separated by them. */
export const idOf = ({ id, path }: Place): string =>
  id ?? `field/${path.map(part => encodeURIComponent(part)).join('/')}`

/** By which an issue finds the control; ids would have to be taken apart. */
export const dataPath = ({ path }: Place): string => pathText(path)
