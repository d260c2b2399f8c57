/** Keeps the entry of the task that a form is for, through other tasks and through schemas that are announced anew. */
import { Entry } from './entry.ts'
import { isSchemaTooDeep, type Json, sameJson } from './schema/mod.ts'
import type { View } from './view-choice.ts'

export interface Wanted {
  readonly task: string | undefined
  /** `undefined` while none is known. */
  readonly schema: unknown
  /** Whether one may still be announced, so that there is nothing to show yet. */
  readonly isPending: boolean
}

export class TaskEntry {
  #entry: Entry | undefined
  #task: string | undefined
  #schema: unknown
  /** A value that a host has set, for the task that the form was for when it saw that. */
  #given: Json | undefined
  /** It is set, and the form has not seen it: with another task, perhaps. */
  #isNew = false
  /** A person's entries for other tasks. */
  readonly #kept = new Map<string, Json>()

  get entry(): Entry | undefined {
    return this.#entry
  }

  /** Whether a host has set a value. */
  get isGiven(): boolean {
    return this.#given !== undefined
  }

  get value(): Json | undefined {
    return this.#isNew || this.#entry === undefined ? this.#given : this.#entry.value
  }

  set value(value: Json | undefined) {
    this.#given = value
    this.#isNew = true
  }

  /** Begins anew: the value that a host has set, else the defaults of the schema. */
  reset(): void {
    if (this.#entry !== undefined) this.#entry.value = this.#given
  }

  /** The entry for a task, if the form is for that. */
  of(task: string | undefined): Entry | undefined {
    return task === this.#task ? this.#entry : undefined
  }

  /** @returns the fate of the entry: `other` for another task's */
  follow({ task, schema, isPending }: Wanted): 'same' | 'renewed' | 'other' {
    const became = task === this.#task ? 'same' : 'other'
    if (became === 'other') this.#leave()
    this.#task = task
    this.#takeGiven()
    const entry = this.#entry
    if (entry === undefined) {
      if (task === undefined || (schema === undefined && isPending)) return became
      this.#schema = schema
      this.#entry = new Entry(schema, this.#kept.get(task) ?? this.#given)
      return became === 'other' ? became : 'renewed'
    }
    // Away, nobody announces anything: the known schema stays. And workers announce again the same as before.
    if (schema === undefined || schema === this.#schema) return 'same'
    const isSame = !isSchemaTooDeep(schema) && sameJson(schema as Json, this.#schema as Json)
    this.#schema = schema
    if (isSame) return 'same'
    this.#entry = renew(entry, schema, this.#given)
    return 'renewed'
  }

  /**
   * Shows fields or JSON, as far as the written text can be shown so.
   * @param isRenewed the schema is another one under a person's text: who writes JSON goes on with it
   * @returns which it is to be from now on
   */
  show(view: View, isRenewed: boolean): View {
    const entry = this.#entry
    if (entry === undefined) return view
    const isWriting = isRenewed && entry.isJson && entry.isEdited
    if (view === 'json' && !isWriting) entry.showJson()
    else if (entry.problem === undefined && (isWriting || !entry.showFields())) return 'json'
    return view
  }

  #takeGiven(): void {
    if (!this.#isNew || this.#task === undefined) return
    this.#isNew = false
    this.#kept.delete(this.#task)
    this.reset()
  }

  #leave(): void {
    if (this.#task !== undefined) {
      // A value that was given for one task is not for another; one that nobody has seen yet is for the task that comes.
      const given = this.#isNew ? undefined : this.#given
      const value = this.#entry?.isEdited === true ? this.#entry.value : given
      if (value !== undefined) this.#kept.set(this.#task, value)
      if (!this.#isNew) this.#given = undefined
    }
    this.#entry = undefined
    this.#schema = undefined
  }
}

/** Another schema under a person's entry: nothing of that is lost, and the view stays. */
function renew(before: Entry, schema: unknown, given: Json | undefined): Entry {
  if (!before.isEdited) return new Entry(schema, given)
  const entry = new Entry(schema, before.value)
  if (before.isJson) {
    entry.showJson()
    entry.editText(before.text)
  } else entry.edit(draft => draft, '')
  return entry
}
