import { type CSSResult, css } from 'lit'

/** The rows of a list of jobs: columns where there is room, cards where there is not. */
export const rowStyles: CSSResult = css`
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
  .tags,
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
  a.task {
    color: inherit;
    text-decoration: none;
  }
  a.task:hover {
    text-decoration: underline;
  }
  .id,
  .tries,
  .tags,
  .line {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .tries {
    color: var(--_warning);
  }
  .tags {
    flex: none;
    max-width: 40%;
    font-weight: 550;
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
  @media (forced-colors: active) {
    .job[aria-selected='true'] {
      border-inline-start: 6px solid Highlight;
    }
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
