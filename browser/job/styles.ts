import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  :host {
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_surface);
  }
  .job {
    container: drover-job / inline-size;
    contain-intrinsic-inline-size: 40em; /* where nothing gives it a width, as in a flex row: else none */
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_surface);
  }
  header {
    padding: calc(var(--_space) * 4);
  }
  header > * + * {
    margin-block-start: calc(var(--_space) * 3);
  }
  .head,
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space) * 2) calc(var(--_space) * 3);
  }
  .actions {
    gap: calc(var(--_space) * 2);
    margin-inline-start: auto;
  }
  .sure {
    border-color: var(--_danger);
    background: var(--_danger);
    color: var(--_surface);
  }
  .sure:hover {
    background: color-mix(in srgb, var(--_text) 14%, var(--_danger));
  }
  .title {
    font-size: 1.1875em;
    font-weight: 650;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  h3 {
    margin-block: calc(var(--_space) * 4) calc(var(--_space) * 2);
    font-size: 1em;
    font-weight: 600;
  }
  .job > .note {
    margin: 0 calc(var(--_space) * 4) calc(var(--_space) * 3);
  }
  .progress {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 3);
    white-space: nowrap;
  }
  .job header .facts {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--_space) * 2) calc(var(--_space) * 7);
  }
  .facts dt {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .id-fact dd {
    display: flex;
    align-items: center;
    gap: var(--_space);
    margin-block: -4px;
  }
  .id {
    user-select: all;
    overflow-wrap: anywhere;
  }
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--_space);
    padding-inline: calc(var(--_space) * 2);
    border-block-end: 1px solid var(--_border);
  }
  .tab {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 1.5);
    min-height: calc(var(--_target) + 4px);
    padding: 0 calc(var(--_space) * 2.5);
    border: 0;
    border-block-end: 2px solid transparent;
    margin-block-end: -1px;
    background: transparent;
    color: var(--_muted);
    font: inherit;
    font-size: 0.9375em;
    font-weight: 500;
    cursor: pointer;
  }
  .tab:hover {
    color: var(--_text);
  }
  .tab[aria-selected='true'] {
    border-color: var(--_accent);
    color: var(--_accent);
    font-weight: 600;
  }
  @media (forced-colors: active) {
    .tab[aria-selected='false'] {
      border: 0;
      margin: 0;
    }
    .tab[aria-selected='true'] {
      border-color: Highlight;
      border-block-end-width: 4px;
    }
  }
  .tab:focus-visible {
    outline-offset: -2px;
  }
  .count {
    font-size: var(--_small);
    font-weight: 500;
  }
  .panel {
    padding: calc(var(--_space) * 4);
  }
  .said > * + * {
    margin-block-start: var(--_space);
  }
  .said {
    min-width: 0;
  }
  .said > p {
    white-space: pre-line;
  }
  .issues {
    padding-inline-start: 1.2em;
  }
  .broadcast,
  .log ol {
    padding: 0;
    list-style: none;
  }
  .broadcast,
  .log {
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }
  .broadcast-row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--_space) calc(var(--_space) * 3);
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3);
  }
  .broadcast-row {
    text-align: left;
  }
  .broadcast-row:dir(rtl) {
    text-align: right;
  }
  .broadcast-row + .broadcast-row {
    border-block-start: 1px solid var(--_border);
  }
  .broadcast-row .name {
    min-width: 9em;
    font-weight: 550;
    overflow-wrap: anywhere;
  }
  .broadcast-row .line {
    flex: 1 1 8em;
    overflow-wrap: anywhere;
  }
  .broadcast-row progress {
    flex: 1 1 8em;
    width: auto;
  }
  .broadcast-row .wide {
    flex: 1 1 100%;
    min-width: 0;
  }
  .log {
    max-block-size: var(--drover-value-height, 28em);
    overflow: auto;
    background: var(--_sunken);
    font-size: 0.9375em;
  }
  .log[data-follows] {
    overflow-anchor: none;
  }
  .log li {
    display: grid;
    grid-template-columns: max-content 5.5em minmax(0, 1fr);
    gap: 0 calc(var(--_space) * 3);
    padding: var(--_space) calc(var(--_space) * 3);
    /* Hundreds of lines, each of which may change many times a second, are laid out only where they are seen. */
    contain-intrinsic-block-size: auto 2.25em;
  }
  /* The newest have their own heights from the first, and keep them: with estimates nobody knows where the end is. */
  .log li:nth-last-child(n + 61) {
    content-visibility: auto;
  }
  .log li + li {
    border-block-start: 1px solid var(--_border);
  }
  .time {
    font-size: var(--_small);
    line-height: 1.75;
  }
  .level {
    color: var(--_tone);
    font-size: var(--_small);
    font-weight: 600;
    line-height: 1.75;
  }
  .message {
    min-width: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  @container drover-job (width < 34em) {
    .actions {
      width: 100%;
      margin-inline-start: 0;
    }
    .actions .button {
      flex: 1;
      padding-inline: calc(var(--_space) * 2);
    }
    .job header .facts {
      gap: calc(var(--_space) * 2) calc(var(--_space) * 5);
    }
    .tabs {
      padding-inline: var(--_space);
    }
    .tab {
      padding-inline: calc(var(--_space) * 1.5);
    }
    .log li {
      grid-template-columns: max-content minmax(0, 1fr);
    }
    .log .message {
      grid-column: 1 / -1;
    }
  }
`
