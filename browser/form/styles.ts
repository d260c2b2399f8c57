import { type CSSResult, css } from 'lit'
import { groupStyles } from './group-styles.ts'

const layout = css`
  :host {
    container-type: inline-size;
    contain-intrinsic-inline-size: 30em; /* where nothing gives it a width, as in a flex row: else none */
    max-width: var(--drover-form-width, 46rem);
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: 0 0 0 calc(var(--_space) * 2) var(--_surface);
  }
  .fields,
  .row {
    display: grid;
    align-content: start;
    min-width: 0;
  }
  /* No grid: in one nothing could stick to the end. */
  form {
    display: flex;
    flex-direction: column;
    gap: calc(var(--_space) * 4);
    min-width: 0;
  }
  .fields {
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
    gap: calc(var(--_space) * 4) calc(var(--_space) * 5);
  }
  .wide {
    grid-column: 1 / -1;
  }
  .row {
    gap: calc(var(--_space) * 1);
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    justify-content: space-between;
    gap: calc(var(--_space) * 2) calc(var(--_space) * 4);
  }
  .task {
    font-size: 1.0625em;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .choose {
    flex: 1 1 16rem;
    max-width: 28rem;
  }
  [tabindex='-1']:focus {
    outline: none;
  }
  [tabindex='-1']:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 4px;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
`

const rows = css`
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 calc(var(--_space) * 2);
  }
  label,
  legend {
    padding: 0;
    font-weight: 550;
    overflow-wrap: anywhere;
  }
  .optional,
  .hint,
  .about,
  .null {
    color: var(--_muted);
    font-size: var(--_small);
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  .head .hint {
    margin-inline-start: auto;
  }
  .about {
    max-width: 70ch;
  }
  .issue {
    display: flex;
    gap: calc(var(--_space) * 1.5);
    color: var(--_danger);
    font-size: var(--_small);
    overflow-wrap: anywhere;
  }
  .issue > span {
    white-space: pre-line;
  }
  .issue .icon-16 {
    margin-top: 0.2em;
  }
  .issues {
    display: grid;
    gap: var(--_space);
    padding: 0;
    list-style: none;
  }
  input.field,
  select.field,
  textarea.field {
    width: 100%;
    min-width: 0;
  }
  select.field {
    text-overflow: ellipsis;
  }
  textarea.field {
    max-height: 60vh;
    line-height: 1.5;
    resize: vertical;
    field-sizing: content;
    tab-size: 2;
  }
  .field.secret {
    -webkit-text-security: disc;
  }
  .field.mono {
    font-family: var(--_mono);
    font-size: 0.875em;
  }
  textarea.whole {
    min-height: 11rem;
    padding: calc(var(--_space) * 3);
  }
  .null,
  .flag > label,
  .radios label {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    min-height: var(--_target);
    cursor: pointer;
  }
  .null {
    justify-self: start;
  }
  .radios label {
    font-weight: 400;
  }
  .flag > label {
    justify-self: start;
    font-weight: 550;
  }
  .radios {
    display: flex;
    flex-wrap: wrap;
    gap: 0 calc(var(--_space) * 4);
  }
  input[type='checkbox'],
  input[type='radio'] {
    flex: none;
    width: 1.0625em;
    height: 1.0625em;
    margin: 0;
  }
  label:has(:disabled) {
    color: var(--_muted);
    cursor: not-allowed;
  }
  .absent {
    grid-template-columns: auto 1fr;
    align-items: center;
    justify-items: start;
    column-gap: calc(var(--_space) * 2);
  }
  .absent > p {
    grid-column: 1 / -1;
  }
`

const foot = css`
  .views {
    display: inline-flex;
    padding: 2px;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_sunken);
  }
  .views .button {
    min-height: calc(var(--_target) - 4px);
    color: var(--_muted);
    font-size: var(--_small);
  }
  .views .button[aria-pressed='true'] {
    border-color: var(--_border);
    background: var(--_raised);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  .recipients {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 calc(var(--_space) * 4);
    padding-block-start: calc(var(--_space) * 3);
    border-block-start: 1px solid var(--_border);
  }
  .recipients > legend {
    float: left;
  }
  .answers {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 1.5);
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: var(--_small);
  }
  .seal {
    display: grid;
    gap: calc(var(--_space) * 2);
  }
  .sealed-for {
    display: flex;
    align-items: flex-start;
    gap: calc(var(--_space) * 1.5);
    color: var(--_muted);
    font-size: var(--_small);
    overflow-wrap: anywhere;
  }
  .sealed-for > .icon-16 {
    flex: none;
    margin-block-start: 0.15em;
  }
  .recipients > .about {
    flex-basis: 100%;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space) * 2);
  }
  .status:empty,
  #note:empty {
    display: none;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--_accent);
    font: inherit;
    text-decoration: underline;
    text-underline-offset: 0.2em;
    cursor: pointer;
  }
  @container (max-width: 30rem) {
    .actions .primary {
      flex: 1 1 100%;
      min-height: max(var(--_target), 40px);
    }
    .group {
      padding-inline-start: calc(var(--_space) * 3);
    }
    .item {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .item > .place {
      display: none;
    }
  }
`

export const styles: CSSResult[] = [layout, rows, groupStyles, foot]
