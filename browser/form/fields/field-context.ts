/** The place of a field in its form, and the calls that it may make there. */
import type { nothing, TemplateResult } from 'lit'
import type { Entry, TextIssue } from '../entry.ts'
import { type Draft, type Field, joined } from '../schema/mod.ts'

export interface FormPort {
  /** A person has changed the entry. */
  edited(): void
  /** Tells those who do not see it. */
  say(text: string): void
  /** Focuses an element by its id, once it is there. */
  focus(id: string): void
  /** Shows the place of an issue in the JSON view. */
  select(issue: TextIssue): void
}

export interface FieldContext {
  /** By which an issue finds the control; ids would have to be taken apart. */
  readonly path: string
  /** Without spaces, since lists of ids are separated by them. */
  readonly id: string
  readonly form: FormPort
  readonly issuesAt: (path: string) => readonly string[]
  /** The faults of the whole form; another object each time that they change. */
  readonly found: object
  /** At how many places in there something is wrong. */
  readonly countIn: (path: string) => number
  /** The faults of this field. */
  readonly issues: readonly string[]
  /** @param at path of the field that was edited; default this one */
  readonly change: (update: (draft: Draft) => Draft, at?: string) => void
  /** The name of the input for people to whom the label is not shown, as in a row of a list. */
  readonly name?: string
}

/** Shows a field; given to fields that hold fields themselves. */
export type RenderField = (field: Field, draft: Draft, context: FieldContext) => TemplateResult | typeof nothing

export function rootContext(entry: Entry, form: FormPort): FieldContext {
  const issuesAt = (path: string) => entry.issuesAt(path)
  const change = (update: (draft: Draft) => Draft, at = ''): void => {
    entry.edit(update, at)
    form.edited()
  }
  const countIn = (path: string) => entry.countIn(path)
  return { path: '', id: 'field', form, issuesAt, found: entry.placed, countIn, issues: issuesAt(''), change }
}

/** The context of a part. @param put how a changed part becomes a changed whole */
export function inside(
  { path: around, id, form, issuesAt, found, countIn, change }: FieldContext,
  key: string | number,
  put: (whole: Draft, update: (part: Draft) => Draft) => Draft,
): FieldContext {
  const path = joined(around, key)
  return {
    path,
    id: `${id}/${encodeURIComponent(key)}`,
    form,
    issuesAt,
    found,
    countIn,
    issues: issuesAt(path),
    change: (update, at = path) => change(whole => put(whole, update), at),
  }
}
