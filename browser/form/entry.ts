/** What is being entered in a form: a schema's fields with a draft, or JSON, and what is wrong with it. No DOM. */
import {
  check,
  type Draft,
  type Field,
  type FieldIssue,
  initialDraft,
  type Json,
  lineOf,
  type Path,
  pathText,
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
  readonly line?: number
  readonly from: number
  readonly to: number
}

export class Entry {
  /** Absent when the value has to be written as JSON; `problem` says why. */
  readonly field: Field | undefined
  readonly problem: string | undefined
  #draft: Draft | undefined
  /** What stands in the JSON view while that is shown. */
  #text: string | undefined
  #issues: readonly FieldIssue[] = []
  #placed: ReadonlyMap<string, readonly string[]> = new Map()
  #isEdited = false

  /** @param value to begin with; default: what the schema says */
  constructor(schema: unknown, value?: Json) {
    const { field, problem } = readSchema(schema)
    this.field = field
    this.problem = problem
    if (field === undefined) this.#text = format(value ?? {})
    else this.#draft = value === undefined ? initialDraft(field) : toDraft(field, value)
  }

  get draft(): Draft | undefined {
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

  /** What would be sent; `undefined` while the JSON view holds something else than JSON. */
  get value(): Json | undefined {
    if (this.#text !== undefined) {
      const read = readJsonText(this.#text)
      return 'value' in read ? read.value : undefined
    }
    return this.field === undefined || this.#draft === undefined ? undefined : toValue(this.field, this.#draft)
  }

  /** Another value, as if it had been there from the beginning. */
  set value(value: Json | undefined) {
    this.#issues = []
    this.#isEdited = false
    if (this.field !== undefined)
      this.#draft = value === undefined ? initialDraft(this.field) : toDraft(this.field, value)
    if (this.#text !== undefined) this.#text = format(this.field === undefined ? (value ?? {}) : this.#fieldsValue())
    this.#place()
  }

  edit(update: (draft: Draft) => Draft, at: Path): void {
    if (this.#draft === undefined) return
    this.#draft = update(this.#draft)
    this.#isEdited = true
    const path = pathText(at)
    // What was found wrong here, or in parts that may not be there any more, is not known of the new value.
    this.#issues = this.#issues.filter(issue => issue.path !== path && !issue.path.startsWith(`${path}.`))
    this.#place()
  }

  editText(text: string): void {
    this.#text = text
    this.#isEdited = true
    this.#issues = []
    this.#place()
  }

  showJson(): void {
    this.#text ??= format(this.#fieldsValue())
  }

  /** @returns whether it could: what is no JSON stays where it is */
  showFields(): boolean {
    if (this.field === undefined || this.#text === undefined) return this.field !== undefined
    const read = readJsonText(this.#text)
    if ('mistake' in read) return false
    const { value } = read
    // What was not changed keeps its draft, with what is unfinished in it.
    if (!sameJson(value, this.#fieldsValue())) this.#draft = toDraft(this.field, value)
    this.#text = undefined
    this.#place()
    return true
  }

  /**
   * Finds what is wrong, and keeps it.
   * @param native what the browser found, whose words come first: they are in the person's language
   * @returns whether it can be sent
   */
  check(native: readonly FieldIssue[]): boolean {
    const found = this.#found()
    const own = found.filter(issue => !native.some(({ path }) => path === issue.path))
    this.say([...native, ...own])
    return this.#issues.length === 0
  }

  /** Finds what is wrong at one place, and keeps it beside the rest. @param native what the browser found there */
  checkAt(path: string, native: string | undefined): void {
    const found = native ?? this.#found().find(issue => issue.path === path)?.message
    const rest = this.#issues.filter(issue => issue.path !== path)
    this.say(found === undefined ? rest : [...rest, { path, message: found }])
  }

  /** Shows issues, such as a worker's, in place of those before. */
  say(issues: readonly FieldIssue[]): void {
    this.#issues = issues
    this.#place()
  }

  issuesAt(path: Path): readonly string[] {
    return this.#placed.get(pathText(path)) ?? []
  }

  /** Where the first issue is shown, in the order of the fields; `''` is the whole value. */
  get firstPath(): string | undefined {
    if (this.field === undefined || this.#draft === undefined) return this.#placed.keys().next().value
    for (const path of shownPaths(this.field, this.#draft)) if (path !== '' && this.#placed.has(path)) return path
    return this.#placed.has('') ? '' : undefined
  }

  /** What is wrong in the JSON view, with its place in the text. */
  get textIssues(): readonly TextIssue[] {
    const text = this.#text
    if (text === undefined) return []
    const read = readJsonText(text)
    if ('mistake' in read) {
      const { at, line, message } = read.mistake
      return [{ message, line, from: at, to: Math.min(text.length, at + 1) }]
    }
    return this.#issues.map(({ path, message }) => {
      const place = nearest(path, read.places)
      const said = path === '' ? message : `${path}: ${message}`
      return place === undefined
        ? { message: said, from: 0, to: 0 }
        : { message: said, line: lineOf(text, place.from), ...place }
    })
  }

  #fieldsValue(): Json {
    if (this.field === undefined || this.#draft === undefined) return {}
    return toValue(this.field, this.#draft) ?? null
  }

  #found(): readonly FieldIssue[] {
    if (this.#text !== undefined) {
      const read = readJsonText(this.#text)
      if ('mistake' in read) return [{ path: '', message: read.mistake.message }]
      return this.field === undefined ? [] : check(this.field, toDraft(this.field, read.value))
    }
    return this.field === undefined || this.#draft === undefined ? [] : check(this.field, this.#draft)
  }

  #place(): void {
    const paths = this.field === undefined || this.#draft === undefined ? [''] : shownPaths(this.field, this.#draft)
    this.#placed = placeIssues(this.#issues, new Set(paths))
  }
}

function nearest<T>(path: string, places: ReadonlyMap<string, T>): T | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const place = places.get(at)
    if (place !== undefined) return place
  }
  return places.get('')
}

const format = (value: Json): string => JSON.stringify(value, undefined, 2)
