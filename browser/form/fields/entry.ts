/** Text and numbers: native inputs, with the native checks that mean the same as the schema. */
import { html, nothing, type TemplateResult } from 'lit'
import { number } from '../../look/mod.ts'
import type { NumberField, TextField } from '../schema/field.ts'
import { formats } from '../schema/formats.ts'
import { absent, check, type Draft } from '../schema/mod.ts'
import { describedBy, isInvalid, row } from './around-input.ts'
import type { FieldContext } from './field-context.ts'

export function textRow(field: TextField, draft: Draft, context: FieldContext): TemplateResult {
  const text = draft.is === 'text' ? draft.text : ''
  const { input = 'text', show = same, read = same, hint = '' } = formats[field.format]
  const shown = text === '' ? '' : show(text)
  // A secret has no format: nothing of it is to be seen. Text that the input of a format cannot show stays text: none is lost
  // by looking at it.
  const native =
    shown === undefined || field.isSecret
      ? { type: 'text', shown: text, read: same, hint: '' }
      : { type: input, shown, read, hint }
  // An empty text that was meant is a value.
  const isRequired = field.isRequired && draft.is !== 'text'
  const initial = typeof field.initial === 'string' ? field.initial : (field.example ?? '')
  const placeholder = field.isSecret || draft.is === 'text' ? '' : initial
  if (field.format === 'long' || /[\r\n]/.test(text)) {
    const control = html`<textarea class=${field.isSecret ? 'field secret' : 'field'} part="input" rows="3" id=${context.id} data-path=${context.path} .value=${text}
      placeholder=${placeholder} ?required=${isRequired} autocomplete="off" spellcheck=${field.isSecret ? 'false' : nothing}
      aria-label=${context.name ?? nothing} aria-invalid=${isInvalid(context)}
      aria-describedby=${describedBy(field, context)} @input=${listen(context, same, emptied(field))}></textarea>`
    return row(field, draft, context, control, { isWide: true })
  }
  const control = html`<input class="field ${field.format === 'uuid' ? 'mono' : ''}" part="input" type=${field.isSecret ? 'password' : native.type}
    id=${context.id} data-path=${context.path} .value=${native.shown} placeholder=${placeholder} ?required=${isRequired}
    step=${native.hint === '' ? nothing : '1'} inputmode=${field.isSecret ? nothing : (formats[field.format].keyboard ?? nothing)} autocomplete=${field.isSecret ? 'new-password' : 'off'} autocapitalize="off"
    spellcheck=${field.format === 'plain' && !field.isSecret ? nothing : 'false'} aria-label=${context.name ?? nothing}
    aria-invalid=${isInvalid(context)} aria-describedby=${describedBy(field, context)} @input=${listen(context, native.read, emptied(field))}>`
  return row(field, draft, context, control, native)
}

export function numberRow(field: NumberField, draft: Draft, context: FieldContext): TemplateResult {
  const { min, max, step } = nativeRange(field)
  const control = html`<input class=${field.isSecret ? 'field numbers secret' : 'field numbers'} part="input" type="number" id=${context.id} data-path=${context.path}
    .value=${draft.is === 'text' ? draft.text : ''} min=${min ?? nothing} max=${max ?? nothing} step=${step}
    placeholder=${typeof field.initial === 'number' && !field.isSecret ? field.initial : ''} ?required=${field.isRequired}
    inputmode=${field.isInteger ? 'numeric' : 'decimal'} autocomplete="off" aria-label=${context.name ?? nothing}
    aria-invalid=${isInvalid(context)} aria-describedby=${describedBy(field, context)} @input=${listen(context, same)}>`
  return row(field, draft, context, control, { hint: rangeWords(field) })
}

const same = (text: string): string => text

/**
 * The value of an emptied text: left out, as a rule. One that would then get a default is sent empty, where that is allowed: a
 * person has just taken the default away.
 */
function emptied(field: TextField): Draft {
  const empty: Draft = { is: 'text', text: '' }
  const isMeant = !field.isRequired && typeof field.initial === 'string' && field.initial !== ''
  return isMeant && check(field, empty).length === 0 ? empty : absent
}

function listen(context: FieldContext, read: (shown: string) => string, empty: Draft = absent): (event: Event) => void {
  return event => {
    const { value, validity } = event.target as HTMLInputElement
    // Half a number or half a date has no value yet: writing one back would take away the typed half.
    if (value === '' && validity.badInput) return
    context.change(() => (value === '' ? empty : { is: 'text', text: read(value) }))
  }
}

/** A step begins at `min` where there is one, and in JSON Schema at 0: it is stated where both mean the same. */
function nativeRange(field: NumberField): { min: number | undefined; max: number | undefined; step: number | 'any' } {
  const { isInteger, above, below, multipleOf } = field
  const least = isInteger && above !== undefined ? Math.floor(above) + 1 : field.min
  const most = isInteger && below !== undefined ? Math.ceil(below) - 1 : field.max
  const min = isInteger && least !== undefined ? Math.ceil(least) : least
  const isSame = multipleOf !== undefined && (min === undefined || min % multipleOf === 0)
  return { min, max: most, step: isSame ? multipleOf : isInteger ? 1 : 'any' }
}

/** Where the types of other languages end: nobody's limit, and nothing to tell a person. JSON Schema of `int32` states it. */
const typeEnds = new Set([2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64].flatMap(end => [-end, end - 1, end]))
/** The largest `float`, as far as any schema writes it out. */
const maxFloat = 3.4e38

const ofPerson = (bound: number | undefined): number | undefined =>
  bound === undefined || typeEnds.has(bound) || Math.abs(bound) > maxFloat ? undefined : bound

function rangeWords({ min, max, above, below }: NumberField): string {
  const words = (n: number): string => (Number.isInteger(n) ? number(n) : String(n))
  const [low, high] = [ofPerson(min ?? above), ofPerson(max ?? below)]
  if (low !== undefined && high !== undefined) return `${words(low)} – ${words(high)}`
  if (low !== undefined) return `${min === undefined ? 'more than' : 'from'} ${words(low)}`
  return high === undefined ? '' : `${max === undefined ? 'less than' : 'up to'} ${words(high)}`
}
