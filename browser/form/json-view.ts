/** The whole value as JSON, with each mistake at its place. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../look/mod.ts'
import type { Entry } from './entry.ts'
import type { FormPort } from './fields/field-context.ts'

/** @param label names the text, for people who do not see where it stands */
export function jsonView(entry: Entry, label: string, form: FormPort): TemplateResult {
  const issues = entry.textIssues
  const onInput = (event: Event): void => {
    entry.editText((event.target as HTMLTextAreaElement).value)
    form.edited()
  }
  return html`<div class="row wide">
    <textarea class="field mono whole" part="input json" id="json" rows="8" spellcheck="false" autocomplete="off"
      autocapitalize="off" aria-label=${label} aria-invalid=${issues.length > 0 ? 'true' : 'false'}
      aria-describedby=${issues.length > 0 ? 'json-issues' : nothing} .value=${entry.text} @input=${onInput}></textarea>
    ${
      issues.length === 0
        ? nothing
        : html`<ul class="issues" id="json-issues" part="error">${issues.slice(0, 50).map(
            issue =>
              html`<li class="issue">${icon('warning')}<span><button type="button" class="link" part="button"
                  @click=${() => form.select(issue)}>Line ${issue.line}</button>: ${issue.message}</span></li>`,
          )}</ul>`
    }
  </div>`
}
