/** Icons: 16 by 16, drawn with the text's colour, hidden from assistive technology since words stand beside them. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit'

const shapes = {
  // states, of which those of jobs alone are in job-looks.ts
  queued: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.2 1.6"/>`,
  running: svg`<path class="spin" d="M8 2.5A5.5 5.5 0 1 1 2.5 8"/>`,
  no_worker: svg`<circle cx="8" cy="5.2" r="2.6"/><path d="M3 13.2c.6-2.6 2.5-3.9 5-3.9 1 0 1.9.2 2.6.6M11 11l3 3m0-3-3 3"/>`,
  idle: svg`<circle cx="8" cy="8" r="4.2"/>`,
  busy: svg`<circle cx="8" cy="8" r="4.2"/><circle cx="8" cy="8" r="1.8" fill="currentColor" stroke="none"/>`,
  draining: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 5v5m-2.2-2L8 10.2 10.2 8"/>`,
  paused: svg`<path d="M6 4.5v7M10 4.5v7"/>`,
  gone: svg`<circle cx="8" cy="8" r="4.2" stroke-dasharray="2 2.2"/>`,
  // the rest
  connected: svg`<path d="M2.5 8.5h2.8L7 4l2.5 8 1.6-3.5h2.4"/>`,
  away: svg`<path d="M2 6.5a9 9 0 0 1 12 0M4.3 9a5.6 5.6 0 0 1 7.4 0M8 12v.1M2.5 2.5l11 11"/>`,
  warning: svg`<path d="M8 2.5 14 13H2z"/><path d="M8 6.5v3"/><path d="M8 11.2v.1"/>`,
  info: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 7.3v3.2"/><path d="M8 5.2v.1"/>`,
  lock: svg`<rect x="3" y="7.2" width="10" height="6.3" rx="1.5"/><path d="M5.2 7.2V5.3a2.8 2.8 0 0 1 5.6 0v1.9"/>`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>`,
  tick: svg`<path d="m3 8.6 3.2 3.2L13 4.6"/>`,
  close: svg`<path d="m4 4 8 8m0-8-8 8"/>`,
  edit: svg`<path d="m10.5 3 2.5 2.5-7 7-3 .5.5-3z"/>`,
  again: svg`<path d="M12.9 6A5.3 5.3 0 1 0 13.3 9.2M13.2 2.8V6H10"/>`,
  stop: svg`<circle cx="8" cy="8" r="6.2"/><path d="M6 6h4v4H6z" fill="currentColor"/>`,
  search: svg`<circle cx="7" cy="7" r="4.5"/><path d="m10.4 10.4 3.1 3.1"/>`,
  chevron: svg`<path d="m6 3.5 4.5 4.5L6 12.5"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  send: svg`<path d="M13.5 2.5 7 9m6.5-6.5-4 11L7 9 2.5 6.5z"/>`,
  worker: svg`<rect x="2.5" y="3" width="11" height="4" rx="1"/><rect x="2.5" y="9" width="11" height="4" rx="1"/><path d="M5 5v.1M5 11v.1"/>`,
} satisfies Record<string, SVGTemplateResult>

export type IconName = keyof typeof shapes

/** @param shape one of those above by its name, or another of 16 by 16 */
export function icon(shape: IconName | SVGTemplateResult): TemplateResult {
  return html`<svg class="icon-16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${typeof shape === 'string' ? shapes[shape] : shape}</svg>`
}
