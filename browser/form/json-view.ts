/** The whole value as JSON, with each mistake at its place. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../look/mod.ts'
import type { TextIssue } from './entry.ts'

export interface JsonViewOptions {
  readonly text: string
  readonly issues: readonly TextIssue[]
  /** What it is, for those who do not see where it stands. */
  readonly label: string
  readonly onInput: (text: string) => void
  /** A person wants to see the place. */
  readonly onSelect: (issue: TextIssue) => void
}

export function jsonView({ text, issues, label, onInput, onSelect }: JsonViewOptions): TemplateResult {
  const listen = (event: Event): void => onInput((event.target as HTMLTextAreaElement).value)
  return html`<div class="row wide">
    <textarea class="field mono whole" part="input json" id="json" rows="8" spellcheck="false" autocomplete="off"
      autocapitalize="off" aria-label=${label} aria-invalid=${issues.length > 0 ? 'true' : 'false'}
      aria-describedby=${issues.length > 0 ? 'json-issues' : nothing} .value=${text} @input=${listen}></textarea>
    ${
      issues.length === 0
        ? nothing
        : html`<ul class="issues" id="json-issues" part="error">${issues
            .slice(0, 50)
            .map(
              issue =>
                html`<li class="issue">${icon('warning')}<span>${
                  issue.line === undefined
                    ? nothing
                    : html`<button type="button" class="link" part="button" @click=${() => onSelect(issue)}>Line ${issue.line}</button>: `
                }${issue.message}</span></li>`,
            )}</ul>`
    }
  </div>`
}
