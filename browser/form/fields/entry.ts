/** Text and numbers: native inputs, with the native checks that mean what the schema means. */
import { html, nothing, type TemplateResult } from 'lit'
import { number } from '../../look/mod.ts'
import { fromLocal, fromLocalTime, toLocal, toLocalTime } from '../schema/dates.ts'
import type { NumberField, TextField } from '../schema/field.ts'
import { absent, type Draft } from '../schema/mod.ts'
import { describedBy, isInvalid, nullable, row } from './frame.ts'
import { dataPath, idOf, type Place } from './place.ts'

/** How a format's text goes into an input and comes out. */
interface Native {
  readonly type: string
  readonly show: string
  readonly read: (shown: string) => string
}

const asIs = (shown: string): string => shown

/** What the input of a format cannot show stays text, so that nothing is lost by looking at it. */
function nativeOf(format: TextField['format'], text: string): Native {
  const dates: Partial<Record<TextField['format'], [string, string | undefined, (shown: string) => string]>> = {
    date: ['date', /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined, asIs],
    'date-time': ['datetime-local', toLocal(text), fromLocal],
    time: ['time', toLocalTime(text), fromLocalTime],
  }
  const [type, show, read] = dates[format] ?? []
  if (type !== undefined && read !== undefined && (text === '' || show !== undefined)) {
    return { type, show: show ?? '', read }
  }
  return { type: format === 'email' ? 'email' : format === 'uri' ? 'url' : 'text', show: text, read: asIs }
}

const hints: Partial<Record<TextField['format'], string>> = { time: 'UTC', 'date-time': 'your time' }

export function textRow(field: TextField, draft: Draft, place: Place): TemplateResult {
  const text = draft.is === 'text' ? draft.text : ''
  const isLong = field.format === 'long' || /[\r\n]/.test(text)
  const native = nativeOf(field.format, text)
  const onInput = listen(place, isLong ? asIs : native.read)
  // An empty text that was meant is a value.
  const isRequired = field.isRequired && draft.is !== 'text'
  const placeholder = typeof field.initial === 'string' ? field.initial : (field.example ?? '')
  const control = isLong
    ? html`<textarea class="field" part="input" rows="3" id=${idOf(place)} data-path=${dataPath(place)} .value=${text}
        placeholder=${placeholder} ?required=${isRequired} aria-label=${place.name ?? nothing} aria-invalid=${isInvalid(place)}
        aria-describedby=${describedBy(field, place)} @input=${onInput}></textarea>`
    : html`<input class="field ${field.format === 'uuid' ? 'mono' : ''}" part="input" type=${native.type} id=${idOf(place)}
        data-path=${dataPath(place)} .value=${native.show} placeholder=${placeholder} ?required=${isRequired}
        step=${native.type === 'time' || native.type === 'datetime-local' ? '1' : nothing} autocomplete="off"
        autocapitalize="off" spellcheck=${field.format === 'plain' ? nothing : 'false'} aria-label=${place.name ?? nothing}
        aria-invalid=${isInvalid(place)} aria-describedby=${describedBy(field, place)} @input=${onInput}>`
  const content = html`${control}${nullable(field, draft, place, false)}`
  const hint = native.type === 'time' || native.type === 'datetime-local' ? hints[field.format] : undefined
  return row(field, place, content, { hint: hint ?? '', isWide: isLong })
}

export function numberRow(field: NumberField, draft: Draft, place: Place): TemplateResult {
  const { min, max, step } = nativeRange(field)
  const control = html`<input class="field numbers" part="input" type="number" id=${idOf(place)} data-path=${dataPath(place)}
    .value=${draft.is === 'text' ? draft.text : ''} min=${min ?? nothing} max=${max ?? nothing} step=${step}
    placeholder=${typeof field.initial === 'number' ? String(field.initial) : ''} ?required=${field.isRequired}
    inputmode=${field.isInteger ? 'numeric' : 'decimal'} autocomplete="off" aria-label=${place.name ?? nothing}
    aria-invalid=${isInvalid(place)} aria-describedby=${describedBy(field, place)} @input=${listen(place, asIs)}>`
  return row(field, place, html`${control}${nullable(field, draft, place, false)}`, { hint: rangeWords(field) })
}

function listen(place: Place, read: (shown: string) => string): (event: Event) => void {
  return event => {
    const { value, validity } = event.target as HTMLInputElement
    // Half a number or half a date has no value yet: writing one back would take away what was typed.
    if (value === '' && validity.badInput) return
    place.change(() => (value === '' ? absent : { is: 'text', text: read(value) }))
  }
}

/** A step begins at `min` where there is one, and in JSON Schema at 0: it is stated where both mean the same. */
function nativeRange(field: NumberField): { min: number | undefined; max: number | undefined; step: number | 'any' } {
  const { isInteger, above, below, multipleOf } = field
  const least = isInteger && above !== undefined ? Math.floor(above) + 1 : field.min
  const most = isInteger && below !== undefined ? Math.ceil(below) - 1 : field.max
  const min = isInteger && least !== undefined ? Math.ceil(least) : least
  const isSame = multipleOf !== undefined && (min === undefined || min % multipleOf === 0)
  return { min, max: most, step: isSame && multipleOf !== undefined ? multipleOf : isInteger ? 1 : 'any' }
}

function rangeWords({ min, max, above, below }: NumberField): string {
  const [low, high] = [min ?? above, max ?? below]
  const words = (n: number): string => (Number.isInteger(n) ? number(n) : String(n))
  if (low !== undefined && high !== undefined) return `${words(low)} – ${words(high)}`
  if (low !== undefined) return min === undefined ? `more than ${words(low)}` : `from ${words(low)}`
  if (high === undefined) return ''
  return max === undefined ? `less than ${words(high)}` : `up to ${words(high)}`
}
