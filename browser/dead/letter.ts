/** One dead letter, as templates. All that stands in it is somebody's text. */
import { html, nothing, type TemplateResult } from 'lit'
import { redact, secretsIn } from '../../shared/contract/secrets.ts'
import type { DeadLetter } from '../../shared/master/mod.ts'
import { badge, dateAndTime, type Look, lock, plain, shortId } from '../look/mod.ts'
import { timeAgo } from '../look/time.ts'

/** Its name for people. */
export const nameOf = ({ task, request_id, id }: DeadLetter): string =>
  `${task === undefined ? 'message' : plain(task)} ${plain(shortId(request_id ?? id))}`

export const errorOf = ({ error, body }: DeadLetter): string =>
  error === undefined ? plain(body).slice(0, 200) : plain([error.code, error.message].filter(Boolean).join(': '))

const stuck: Look = { word: 'Cannot be sent again', icon: 'stop', tone: 'warning' }
const retried: Look = { word: 'Retried', icon: 'again', tone: 'info' }

export function badges(letter: DeadLetter): TemplateResult {
  return html`${letter.problem === undefined ? nothing : badge(stuck)}${letter.retried === undefined ? nothing : badge(retried)}${
    letter.sealed ? lock({ sealed: true }) : nothing
  }`
}

export const when = (at: number | undefined, now: number): TemplateResult =>
  at === undefined || !(Math.abs(at) < 8.64e15) ? html`<span class="muted">no time</span>` : timeAgo(at, now)

/** @param schema JSON Schema of its task's input, where a worker announced it: it says which parts are secret */
export function detail(letter: DeadLetter, schema: unknown, now: number): TemplateResult {
  const { id, request_id, error, attempt, losses, sender, reply_to, copies, problem, sealed, sealed_until } = letter
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['request_id', request_id],
    ['Letter', copies > 1 ? `${id}, stands there ${copies} times` : id],
    ['Error', error && [error.code, error.message].filter(Boolean).join(': ')],
    ['Attempt', attempt?.toString()],
    ['Losses', losses?.toString()],
    ['Dispatched by', sender],
    ['Answered to', reply_to],
    ['Sealed until', sealed_until === undefined ? undefined : dateAndTime(sealed_until)],
    ['Retry', problem],
  ]
  return html`<div class="detail" part="detail">
    <dl class="facts">${facts.map(([name, text]) =>
      text === undefined ? nothing : html`<div><dt>${name}</dt><dd dir="auto">${plain(text)}</dd></div>`,
    )}</dl>
    <p class="title">History</p>
    ${history(letter, now)}
    ${sealed ? html`<p class="muted">Its input is sealed.</p>` : nothing}${input(letter, schema)}
  </div>`
}

function history({ history: entries }: DeadLetter, now: number): TemplateResult {
  if (entries.length === 0) return html`<p class="muted">None: an older version, or another program, gave it up.</p>`
  return html`<ol class="history" part="history">${entries.map(({ kind, at, attempt, name, by, error, count }) => {
    const word = kind === 'lost' ? 'worker went away' : kind === 'earlier' ? `${count ?? 0} left out` : plain(kind)
    const parts = [
      attempt === undefined ? '' : `attempt ${attempt}`,
      by === undefined ? '' : `by ${by}`,
      name === undefined ? '' : `${kind === 'lost' ? 'noticed by' : 'on'} ${name}`,
      error === undefined ? '' : [error.code, error.message].filter(Boolean).join(': '),
    ].filter(Boolean)
    return html`<li><span class="kind">${word}</span> ${when(at, now)}${parts.length === 0 ? nothing : html` · <bdi>${plain(parts.join(' · '))}</bdi>`}</li>`
  })}</ol>`
}

function input({ input: value, body, task }: DeadLetter, schema: unknown): TemplateResult | typeof nothing {
  const isJob = task !== undefined
  if (isJob && value === undefined) return nothing
  const text = isJob ? JSON.stringify(redact(value, secretsIn(schema, value)), undefined, 2) : body
  return html`<details class="input"><summary>${isJob ? 'Input' : 'Message'}</summary><pre class="mono" part="input" tabindex="0">${plain(text).slice(0, 20_000)}</pre></details>`
}
