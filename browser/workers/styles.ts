import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  .frame {
    position: relative;
    container: drover-workers / inline-size;
    contain-intrinsic-inline-size: 60em; /* where nothing gives it a width, as in a flex row: else none */
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_surface);
  }
  .summary {
    display: flex;
    flex-wrap: wrap;
    gap: 0 calc(var(--_space) * 3);
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 3);
    border-block-end: 1px solid var(--_border);
  }
  .row {
    display: grid;
    grid-template-columns:
      minmax(7em, 1.3fr) minmax(8em, 1.1fr) minmax(8em, 1.8fr) 6.5em 5.5em 4.5em minmax(5em, 1fr) minmax(4em, 0.9fr)
      6em;
    align-items: center;
    column-gap: calc(var(--_space) * 4);
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3);
  }
  .row + .row {
    border-block-start: 1px solid var(--_border);
  }
  .head {
    padding-block: var(--_space);
    background: var(--_sunken);
    color: var(--_muted);
    font-weight: 600;
  }
  .head .cell {
    font-size: var(--_small);
  }
  .worker:has([aria-current='true']) {
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
    box-shadow: inset 3px 0 var(--_accent);
  }
  .worker:has([aria-current='true']):dir(rtl) {
    box-shadow: inset -3px 0 var(--_accent);
  }
  @media (forced-colors: active) {
    .worker:has([aria-current='true']) {
      border-inline-start: 6px solid Highlight;
    }
  }
  .worker.alarm {
    background: color-mix(in srgb, var(--_warning) 7%, var(--_surface));
  }
  .worker[data-state='gone'] {
    color: var(--_muted);
    background: var(--_sunken);
  }
  .worker[data-state='gone'] .name {
    color: inherit;
    text-decoration: line-through;
  }
  .cell {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .label {
    display: none;
  }
  .name {
    max-width: 100%;
    min-height: var(--_target);
    padding: 0;
    border: 0;
    background: none;
    color: var(--_text);
    font: inherit;
    font-weight: 550;
    text-align: start;
    overflow-wrap: anywhere;
    cursor: pointer;
  }
  .name:hover {
    color: var(--_accent);
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  .state-cell {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px calc(var(--_space) * 2);
  }
  .hint {
    color: var(--_tone);
  }
  .tasks-cell,
  .tasks-cell > span {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: var(--_space);
  }
  .task {
    padding: 0 calc(var(--_space) * 1.5);
    border: 1px solid var(--_border);
    border-radius: 4px;
    background: var(--_surface);
    font-size: var(--_small);
  }
  .task .hint {
    color: var(--_warning);
  }
  .failed {
    color: var(--_danger);
  }
  .rest {
    padding: calc(var(--_space) * 3);
    border-block-start: 1px solid var(--_border);
    text-align: center;
  }

  @container drover-workers (width < 64em) {
    .head {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      overflow: hidden;
    }
    .row.worker {
      display: flex;
      flex-wrap: wrap;
      gap: calc(var(--_space) * 2) calc(var(--_space) * 4);
      align-items: flex-start;
      padding: calc(var(--_space) * 3);
    }
    .row.worker .cell {
      flex: 0 0 6em;
    }
    .row.worker .name-cell {
      flex: 1 1 8em;
    }
    .row.worker .state-cell {
      flex: 0 1 auto;
      flex-flow: column;
      align-items: flex-end;
      align-self: center;
      margin-inline-start: auto;
    }
    .row.worker .tasks-cell {
      flex: 1 0 100%;
    }
    .row.worker .runtime-cell {
      flex-basis: 8em;
    }
    .label {
      display: block;
      color: var(--_muted);
      font-size: 0.8125rem;
    }
    .cell.small {
      font-size: inherit;
    }
    .worker[data-state='gone'] .label {
      color: inherit;
    }
  }
  @container drover-workers (width < 26em) {
    .row.worker .cell:not(.name-cell, .state-cell, .tasks-cell) {
      flex: 1 0 5em;
    }
  }
`
