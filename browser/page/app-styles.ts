import { type CSSResult, css } from 'lit'

/**
 * As high as the window, of which the panes take the part below the header: each scrolls on its own, a list by its rows. One pane
 * at a time on a phone, to the edges; list and detail beside each other from 900 px; the form, too, from 1240 px.
 */
export const appStyles: CSSResult = css`
  :host,
  main,
  drover-master,
  .list {
    display: flex;
    flex-direction: column;
  }
  :host {
    block-size: 100dvh;
    background: var(--_sunken);
  }
  main,
  drover-master,
  .panes {
    flex: 1;
    min-height: 0;
  }
  header {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 calc(var(--_space) * 4);
    min-height: 52px;
    padding: 0 calc(var(--_space) * 4);
    border-block-end: 1px solid var(--_border);
    background: var(--_surface);
  }
  h1 {
    font: inherit;
  }
  .brand {
    min-height: 44px;
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    color: var(--_text);
    font-size: 1.0625rem;
    font-weight: 650;
    letter-spacing: -0.01em;
    text-decoration: none;
  }
  .mark {
    width: 24px;
    height: 24px;
    fill: var(--_accent);
  }
  .mark path {
    fill: none;
    stroke: var(--_on-accent);
    stroke-width: 3.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  nav {
    display: flex;
    align-self: stretch;
    gap: var(--_space);
  }
  nav a {
    display: flex;
    align-items: center;
    min-height: 52px;
    padding: 0 calc(var(--_space) * 3);
    border-block: 2px solid transparent;
    color: var(--_muted);
    font-weight: 550;
    text-decoration: none;
  }
  nav a:hover {
    color: var(--_text);
  }
  nav a[aria-current='page'] {
    border-block-end-color: var(--_accent);
    color: var(--_text);
  }
  drover-standing {
    margin-inline-start: auto;
  }
  .who {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
  }
  .owner {
    max-width: 12ch;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  drover-master {
    padding: calc(var(--_space) * 4);
  }
  drover-worker-page {
    padding: calc(var(--_space) * 4);
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
  }
  .panes {
    display: grid;
    gap: calc(var(--_space) * 4);
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
  }
  .pane {
    position: relative;
    min-width: 0;
    overflow: auto;
    padding: calc(var(--_space) * 4);
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
    box-shadow: var(--_shadow);
  }
  .pane:focus-visible {
    outline-offset: -2px;
  }
  /* A field with the focus, or a faulty one, is scrolled to above the foot, which sticks to the end. */
  .form {
    align-self: start;
    max-height: 100%;
    scroll-padding-block-end: calc(var(--_target) + var(--_space) * 9);
  }
  /* These widgets have a frame of their own. */
  .list,
  .detail {
    padding: 0;
    border: 0;
    border-radius: 0;
    background: none;
    box-shadow: none;
  }
  .list > h2 {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .pane > h2 {
    margin-block-end: calc(var(--_space) * 3);
    font-size: 1rem;
    font-weight: 650;
  }
  drover-sign-in {
    flex: 1;
    overflow: auto;
  }
  drover-jobs {
    --drover-jobs-height: none;
    flex: 1 0 12em;
    min-height: 0;
  }
  .back {
    display: flex;
    align-items: center;
    gap: var(--_space);
    width: fit-content;
    min-height: var(--_target);
    margin-block-end: var(--_space);
    font-size: var(--_small);
  }
  .back .icon-16 {
    transform: scaleX(-1);
  }
  .close {
    order: 1;
  }

  @media (max-width: 899px) {
    .panes[data-view='dispatch'] > .list,
    .panes:not([data-view='dispatch']) > .form,
    .panes[data-detail] > .list,
    .close {
      display: none;
    }
    drover-master {
      padding: 0;
      gap: 0;
    }
    drover-master::part(line) {
      margin: calc(var(--_space) * 3) calc(var(--_space) * 3) 0;
    }
    .list,
    .detail {
      padding: calc(var(--_space) * 3);
    }
    .form {
      align-self: auto;
      border: 0;
      border-radius: 0;
      box-shadow: none;
    }
  }
  @media (min-width: 900px) {
    .narrow-only:not(.beside, [aria-current='page']),
    .back {
      display: none;
    }
    .detail {
      margin-block-end: calc(var(--_space) * -4);
      padding-block-end: calc(var(--_space) * 4);
    }
  }
  @media (min-width: 900px) and (max-width: 1239px) {
    .panes {
      grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
    }
    .panes:not([data-detail]) {
      grid-template-columns: 360px minmax(0, 1fr);
    }
    .panes[data-detail] > .form {
      display: none;
    }
  }
  @media (min-width: 1240px) {
    .narrow-only:not([aria-current='page']) {
      display: none;
    }
    .panes {
      grid-template-columns: 340px minmax(0, 1fr);
    }
    .panes[data-detail] {
      grid-template-columns: 320px minmax(0, 5fr) minmax(0, 6fr);
    }
  }
  @media (max-width: 599px) {
    header {
      justify-content: end;
      gap: 0 calc(var(--_space) * 2);
      padding: calc(var(--_space) * 1) calc(var(--_space) * 3) 0;
    }
    h1 {
      margin-inline-end: auto;
    }
    nav {
      order: 1;
      flex: 1 0 100%;
      flex-wrap: wrap;
      gap: 0;
    }
    nav a {
      flex: 1;
      justify-content: center;
      min-height: 44px;
      padding-inline: var(--_space);
    }
    .owner {
      display: none;
    }
    .form {
      padding: calc(var(--_space) * 3);
    }
  }
  /* These colours show transparent borders. */
  @media (forced-colors: active) {
    nav a {
      border-color: Canvas;
    }
    nav a[aria-current='page'] {
      border-block-end-color: Highlight;
    }
  }
  @media print {
    :host {
      block-size: auto;
    }
  }
`
