/** The entry of a form: the fields of a schema with a draft, or JSON, and its faults. No DOM. */
import {
  check,
  type Draft,
  type Field,
  type FieldIssue,
  initialDraft,
  type Json,
  type JsonReading,
  lineOf,
  nearest,
  placeIssues,
  readJsonText,
  readSchema,
  sameJson,
  shownPaths,
  toDraft,
  toValue,
} from './schema/mod.ts'

/** An issue in the JSON view. */
export interface TextIssue {
  readonly message: string
  readonly line: number
  readonly from: number
  readonly to: number
}

export class Entry {
  readonly field: Field
  /** Why the value has to be written as JSON, where it has to be. */
  readonly problem: string | undefined
  #draft: Draft
  /** The text of the JSON view while that is shown. */
  #text: string | undefined
  /** The text that was written into it for a value, until somebody types: it stands for that value. */
  #written: { readonly text: string; readonly value: Json } | undefined
  #issues: readonly FieldIssue[] = []
  #placed: ReadonlyMap<string, readonly string[]> = new Map()
  #isEdited = false

  /** @param value to begin with; default: the one of the schema */
  constructor(schema: unknown, value?: Json) {
    const { field, problem } = readSchema(schema)
    this.field = field
    this.problem = problem
    this.#draft = this.#begin(value)
    if (problem !== undefined) this.showJson()
  }

  get draft(): Draft {
    return this.#draft
  }

  get isJson(): boolean {
    return this.#text !== undefined
  }

  /** Whether a person has changed anything. */
  get isEdited(): boolean {
    return this.#isEdited
  }

  get text(): string {
    return this.#text ?? ''
  }

  get issues(): readonly FieldIssue[] {
    return this.#issues
  }

  /** The value that would be sent; `undefined` while the text of the JSON view is no JSON. */
  get value(): Json | undefined {
    if (this.#text === undefined) return toValue(this.field, this.#draft)
    const read = this.#read()
    return 'value' in read ? read.value : undefined
  }

  /** Another value, as if it had been there from the beginning. */
  set value(value: Json | undefined) {
    this.#isEdited = false
    this.#draft = this.#begin(value)
    if (this.#text !== undefined) this.#write()
    this.say([])
  }

  edit(update: (draft: Draft) => Draft, path: string): void {
    this.#draft = update(this.#draft)
    this.#isEdited = true
    // Faults that were found here, or in parts that may not be there any more, are not known of the new value.
    this.say(this.#issues.filter(issue => issue.path !== path && !issue.path.startsWith(`${path}.`)))
  }

  editText(text: string): void {
    this.#text = text
    this.#isEdited = true
    this.say([])
  }

  showJson(): void {
    if (this.#text === undefined) this.#write()
  }

  /** @returns whether it could: text that is no JSON stays where it is */
  showFields(): boolean {
    if (this.problem !== undefined) return false
    if (this.#text === undefined) return true
    const { value } = this
    if (value === undefined) return false
    // A value that was not changed keeps its draft, with its unfinished fields.
    if (!sameJson(value, toValue(this.field, this.#draft) ?? null)) this.#draft = toDraft(this.field, value)
    this.#text = undefined
    this.say(this.#issues)
    return true
  }

  /**
   * Finds the faults, and keeps them.
   * @param native the faults that the browser found, whose words come first: they are in the person's language
   * @returns whether it can be sent
   */
  check(native: readonly FieldIssue[]): boolean {
    const own = this.#found().filter(issue => !native.some(({ path }) => path === issue.path))
    this.say([...native, ...own])
    return this.#issues.length === 0
  }

  /** Finds the fault of one place, and keeps it beside the rest. @param native the fault that the browser found there */
  checkAt(path: string, native: string | undefined): void {
    const message = native ?? this.#found().find(issue => issue.path === path)?.message
    const rest = this.#issues.filter(issue => issue.path !== path)
    this.say(message === undefined ? rest : [...rest, { path, message }])
  }

  /** Shows issues, such as a worker's, in place of those before. */
  say(issues: readonly FieldIssue[]): void {
    if (issues.length === 0 && this.#issues.length === 0) return
    this.#issues = issues
    this.#placed = placeIssues(issues, shownPaths(this.field, this.#draft))
  }

  /** Messages by the path that they are shown at; the same object until others are said. */
  get placed(): ReadonlyMap<string, readonly string[]> {
    return this.#placed
  }

  issuesAt(path: string): readonly string[] {
    return this.#placed.get(path) ?? []
  }

  /** @returns at how many places something is wrong: there, and further in */
  countIn(path: string): number {
    return [...this.#placed.keys()].filter(one => one === path || one.startsWith(`${path}.`)).length
  }

  /** Where the first issue is shown, in the order of the fields; `''` is the whole value. */
  get firstPath(): string {
    for (const path of shownPaths(this.field, this.#draft)) if (path !== '' && this.#placed.has(path)) return path
    return ''
  }

  /** The faults of the JSON view, with their places in the text. */
  get textIssues(): readonly TextIssue[] {
    const { text } = this
    const read = this.#read()
    if ('mistake' in read) {
      return [read.mistake]
    }
    return this.#issues.map(({ path, message }) => {
      const place = read.places.get(nearest(path, read.places))!
      return { message: path === '' ? message : `${path}: ${message}`, line: lineOf(text, place.from), ...place }
    })
  }

  #begin(value: Json | undefined): Draft {
    return value === undefined ? initialDraft(this.field) : toDraft(this.field, value)
  }

  #write(): void {
    const given = toValue(this.field, this.#draft)
    const value = given === undefined ? (this.problem === undefined ? null : {}) : given
    this.#text = JSON.stringify(value, undefined, 2)
    this.#written = { text: this.#text, value }
  }

  /** Reads the text of the JSON view. */
  #read(): JsonReading {
    return readJsonText(this.text, this.#written)
  }

  #found(): readonly FieldIssue[] {
    if (this.#text === undefined) return check(this.field, this.#draft)
    const read = this.#read()
    return 'mistake' in read
      ? [{ path: '', message: read.mistake.message }]
      : check(this.field, toDraft(this.field, read.value))
  }
}
