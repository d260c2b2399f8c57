import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  :host {
    display: flex;
    flex-direction: column;
  }
  .frame {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    container: drover-jobs / inline-size;
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_surface);
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 2);
    border-block-end: 1px solid var(--_border);
  }
  .tabs {
    display: flex;
    flex: none;
    max-width: 100%;
    gap: 2px;
  }
  .tab {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    white-space: nowrap;
    gap: calc(var(--_space) * 1.5);
    min-height: var(--_target);
    padding: 0 calc(var(--_space) * 2.5);
    border: 0;
    border-radius: var(--_radius);
    background: transparent;
    color: var(--_muted);
    font: inherit;
    font-size: 0.9375em;
    font-weight: 500;
    cursor: pointer;
    transition: background-color var(--_ease);
  }
  .tab:hover {
    background: color-mix(in srgb, var(--_text) 6%, transparent);
  }
  .tab[aria-pressed='true'] {
    background: color-mix(in srgb, var(--_accent) 10%, transparent);
    color: var(--_accent);
    font-weight: 600;
  }
  @media (forced-colors: active) {
    .tab[aria-pressed='true'] {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }
    .job[aria-selected='true'] {
      border-inline-start: 6px solid Highlight;
    }
  }
  .count {
    font-size: var(--_small);
    font-weight: 500;
  }
  .find {
    position: relative;
    display: flex;
    flex: 1 1 9em;
    align-items: center;
    max-width: 16em;
    min-width: 8em;
  }
  .find .icon-16 {
    position: absolute;
    inset-inline-start: 0.6em;
    color: var(--_muted);
    pointer-events: none;
  }
  .find .field {
    width: 100%;
    padding-inline-start: 2.1em;
  }
  .note {
    margin: calc(var(--_space) * 2);
  }
  /* Scrolls what stands in place of rows; rows scroll by themselves. */
  .list {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    overflow: hidden auto;
  }
  .grid {
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  .scroller {
    max-block-size: var(--drover-jobs-height, 36em);
    min-height: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    overflow-anchor: none;
  }
  .space {
    position: relative;
  }
  .row {
    display: grid;
    grid-template-columns:
      clamp(8.5em, 13cqi, 12.5em) minmax(0, 1.7fr) minmax(0, 1.7fr) minmax(0, 1.1fr) 5.5em
      calc(var(--_target) + 3.75em + 26px);
    align-items: center;
    column-gap: calc(var(--_space) * 4);
    padding: calc(var(--_space) * 1.5) calc(var(--_space) * 3);
  }
  .head {
    flex: none;
    padding-block: calc(var(--_space) * 1);
    padding-inline-end: calc(var(--_space) * 3 + var(--_gutter, 0px));
    border-block-end: 1px solid var(--_border);
    background: var(--_sunken);
    color: var(--_muted);
    font-weight: 600;
  }
  .head .cell {
    font-size: var(--_small);
  }
  .head .cell:last-child {
    text-align: end;
  }
  .job {
    min-height: calc(var(--_target) + 20px);
    border-block-end: 1px solid var(--_border);
    cursor: pointer;
  }
  .job:hover {
    background: color-mix(in srgb, var(--_text) 4%, transparent);
  }
  .job:focus-visible {
    outline-offset: -2px;
    border-radius: 0;
  }
  .job[aria-selected='true'] {
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
    box-shadow: inset 3px 0 var(--_accent);
  }
  .job[aria-selected='true']:dir(rtl) {
    box-shadow: inset -3px 0 var(--_accent);
  }
  .cell {
    min-width: 0;
  }
  .state-cell .state {
    white-space: normal;
    border-radius: 1em;
  }
  .task,
  .worker,
  .tries,
  .line {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* By the page's direction, not by that of each text. */
  .task-cell,
  .detail-cell,
  .worker-cell {
    text-align: left;
  }
  .task-cell:dir(rtl),
  .detail-cell:dir(rtl),
  .worker-cell:dir(rtl) {
    text-align: right;
  }
  .about {
    display: flex;
    align-items: baseline;
    gap: calc(var(--_space) * 2);
  }
  .task {
    font-weight: 550;
  }
  .id,
  .tries,
  .line {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .tries {
    color: var(--_warning);
  }
  .progress {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    font-size: var(--_small);
  }
  .progress .numbers {
    flex: none;
    min-width: 3em;
    text-align: end;
  }
  .age-cell {
    font-size: var(--_small);
    white-space: nowrap;
  }
  .action-cell {
    display: flex;
    justify-content: flex-end;
    gap: 2px;
    color: var(--_muted);
  }
  .action-cell .button {
    color: inherit;
  }
  .action-cell .cancel {
    font-size: var(--_small);
  }
  .action-cell .cancel:hover {
    color: var(--_danger);
  }
  .action-cell .sure.sure {
    border-color: var(--_danger);
    background: var(--_danger);
    color: var(--_surface);
  }
  /* Below the rows: above them it would push them from under the pointer, on them it would cover one. */
  .pill-row {
    display: flex;
    flex: none;
    justify-content: center;
    padding: calc(var(--_space) * 1.5);
    border-block-start: 1px solid var(--_border);
    background: var(--_sunken);
  }
  .pill {
    border-radius: 999px;
    font-size: var(--_small);
  }
  .pill .icon-16 {
    transform: rotate(-90deg);
  }
  .empty-action {
    padding-block-end: calc(var(--_space) * 6);
    text-align: center;
  }

  @container drover-jobs (width < 60em) {
    .row {
      grid-template-columns: 8.5em minmax(0, 1.6fr) minmax(0, 1fr) 5em calc(var(--_target) * 2 + 2px);
    }
    .head .cell:nth-child(3) {
      display: none;
    }
    .job {
      grid-template-areas: 'state task worker age action' '. detail detail detail .';
      row-gap: 0;
    }
    .state-cell {
      grid-area: state;
    }
    .task-cell {
      grid-area: task;
    }
    .detail-cell {
      grid-area: detail;
    }
    .worker-cell {
      grid-area: worker;
    }
    .age-cell {
      grid-area: age;
    }
    .action-cell {
      grid-area: action;
    }
  }
  @container drover-jobs (width < 40em) {
    .head {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
    }
    .find {
      flex: 1 1 100%;
      max-width: none;
    }
    .tabs {
      flex: 1 1 100%;
      display: grid;
      grid-template-columns: repeat(3, minmax(max-content, 1fr));
    }
    .tab {
      padding-inline: calc(var(--_space) * 1.5);
    }
    .job {
      grid-template-columns: minmax(0, 1fr) auto;
      grid-template-areas: 'state age' 'task action' 'detail detail' 'worker worker';
      column-gap: calc(var(--_space) * 2);
      row-gap: 2px;
      padding-block: calc(var(--_space) * 2);
    }
    .age-cell {
      text-align: end;
    }
    .worker-cell {
      display: flex;
      gap: calc(var(--_space) * 2);
      font-size: var(--_small);
    }
  }
  @container drover-jobs (width < 16em) {
    .tabs {
      display: flex;
      flex-wrap: wrap;
    }
  }
  @container drover-jobs ((40em <= width < 60em) or (width < 16em)) {
    .sure .icon-16 {
      display: none;
    }
    .cancel:not(.sure) {
      min-width: var(--_target);
      padding: 0;
    }
    .cancel:not(.sure) .word {
      display: none;
    }
  }
  @container drover-jobs (width < 26em) {
    .about:has(.line) .id {
      display: none;
    }
  }
`
