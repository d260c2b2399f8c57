/** How states look: an icon, words and a tone each, so that colour never stands alone. */
import { html, type SVGTemplateResult, type TemplateResult } from 'lit'
import type { WorkerState } from '../../shared/contract/mod.ts'
import { type IconName, icon } from './icons.ts'

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger'

export interface Look {
  readonly word: string
  readonly icon: IconName | SVGTemplateResult
  readonly tone: Tone
}

/** Of a job, and of a worker that runs one. */
export const runningLook: Look = { word: 'Running', icon: 'running', tone: 'info' }

const workerLooks: { readonly [state in WorkerState]: Look } = {
  idle: { word: 'Idle', icon: 'idle', tone: 'success' },
  busy: { word: 'Busy', icon: 'busy', tone: 'info' },
  draining: { word: 'Draining', icon: 'draining', tone: 'warning' },
  gone: { word: 'Gone', icon: 'gone', tone: 'neutral' },
}

/** Of a worker that takes no job of any of its tasks, since an operator said so. */
export const pausedLook: Look = { word: 'Paused', icon: 'paused', tone: 'warning' }

export const lookOfWorker = (state: WorkerState): Look => workerLooks[state]

/**
 * A state as a badge.
 * @param part the `::part` that it gets
 */
export function badge({ word, icon: name, tone }: Look, part = 'state'): TemplateResult {
  return html`<span class="state" part=${part} data-tone=${tone}>${icon(name)}<bdi>${word}</bdi></span>`
}
