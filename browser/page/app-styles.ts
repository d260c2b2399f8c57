import { type CSSResult, css } from 'lit'

/** One pane at a time on a phone; list and detail beside each other from 900 px; the form, too, from 1240 px. */
export const appStyles: CSSResult = css`
  :host {
    min-height: 100vh;
    background: var(--_sunken);
  }
  header {
    position: sticky;
    z-index: 1;
    top: 0;
    display: flex;
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
  .who .button {
    font-size: var(--_small);
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
    align-items: start;
    grid-template-columns: minmax(0, 1fr);
  }
  .pane {
    min-width: 0;
    padding: calc(var(--_space) * 4);
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
    box-shadow: var(--_shadow);
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
  .back {
    margin-block-end: calc(var(--_space) * 1);
  }
  .back a {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 1);
    min-height: var(--_target);
    font-size: var(--_small);
  }
  .back .icon-16 {
    transform: scaleX(-1);
  }

  @media (max-width: 899px) {
    .panes[data-view='dispatch'] > .list,
    .panes:not([data-view='dispatch']) > .form,
    .panes[data-detail] > .list {
      display: none;
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
  @media (min-width: 900px) {
    .narrow-only {
      display: none;
    }
  }
  @media (min-width: 1240px) {
    .panes {
      grid-template-columns: 340px minmax(0, 1fr);
    }
    .panes[data-detail] {
      grid-template-columns: 320px minmax(0, 5fr) minmax(0, 6fr);
    }
    .back {
      display: none;
    }
    .pane {
      max-height: calc(100vh - 52px - var(--_space) * 8);
      overflow: auto;
      position: sticky;
      top: calc(52px + var(--_space) * 4);
    }
    .list {
      display: flex;
      flex-direction: column;
      height: calc(100vh - 52px - var(--_space) * 8);
    }
    drover-jobs {
      --drover-jobs-height: none;
      flex: 1;
      min-height: 0;
    }
  }
  @media (max-width: 599px) {
    header {
      gap: 0 calc(var(--_space) * 2);
      padding: calc(var(--_space) * 1) calc(var(--_space) * 3) 0;
      position: static;
    }
    .who .button {
      padding-inline: var(--_space);
    }
    nav {
      order: 1;
      flex: 1 0 100%;
    }
    nav a {
      flex: 1;
      justify-content: center;
      min-height: 44px;
    }
    .owner {
      display: none;
    }
    drover-master {
      padding: calc(var(--_space) * 3);
    }
    .form {
      padding: calc(var(--_space) * 3);
    }
  }
`
