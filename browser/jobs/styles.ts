import { type CSSResult, css } from 'lit'

/** The list around its rows, whose own are in row-styles.ts. */
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
    contain-intrinsic-inline-size: 60em; /* where nothing gives it a width, as in a flex row: else none */
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
  /* Scrolls the text that stands in place of rows; rows scroll by themselves. */
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
  .let-go {
    padding: calc(var(--_space) * 1.5) calc(var(--_space) * 3);
    border-block-start: 1px solid var(--_border);
    color: var(--_muted);
    font-size: var(--_small);
  }

  @container drover-jobs (width < 40em) {
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
  }
  @container drover-jobs (width < 16em) {
    .tabs {
      display: flex;
      flex-wrap: wrap;
    }
  }
`
