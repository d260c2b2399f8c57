import { type CSSResult, css } from 'lit'

export const valueStyles: CSSResult = css`
  .value {
    position: relative;
    min-width: 0;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--_space);
    margin-block-end: calc(var(--_space) * 2);
  }
  .switch {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 2px;
  }
  .switch [aria-pressed='true'] {
    background: color-mix(in srgb, var(--_accent) 12%, transparent);
    color: var(--_accent);
  }
  .bar .copy {
    margin-inline-start: auto;
  }
  .bar.alone {
    position: absolute;
    z-index: 1;
    top: var(--_space);
    right: calc(var(--_space) * 4);
    border-radius: var(--_radius);
    background: var(--_sunken);
  }
  /* The first line ends before the button, from left to right and from right to left. */
  .bar.alone + .scroll::before {
    content: '';
    float: right;
    width: 6em;
    height: calc(var(--_target) - var(--_space));
  }
  .scroll {
    max-block-size: var(--drover-value-height, 28em);
    overflow: auto;
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_sunken);
    line-height: 1.5;
  }
  pre.scroll {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .scroll:has(> table) {
    padding: 0;
  }
  img {
    display: block;
    max-width: 100%;
    max-block-size: var(--drover-value-height, 28em);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: repeating-conic-gradient(var(--_sunken) 0 25%, var(--_surface) 0 50%) 0 0 / 16px 16px;
  }
  .value table {
    width: 100%;
    border-collapse: collapse;
    font-size: var(--_small);
  }
  .value th,
  .value td {
    padding: calc(var(--_space) * 1.5) calc(var(--_space) * 3);
    border-block-end: 1px solid var(--_border);
    text-align: start;
    vertical-align: top;
    overflow-wrap: break-word;
    max-width: 24em;
  }
  .value th {
    position: sticky;
    inset-block-start: 0;
    background: var(--_sunken);
    color: var(--_muted);
    font-weight: 600;
  }
  .value tr:last-child td {
    border-block-end: 0;
  }
  .value td.numbers {
    text-align: end;
  }
  .tree {
    font-family: var(--_mono);
    font-size: 0.9em;
    text-align: left;
    white-space: normal;
    overflow-wrap: anywhere;
  }
  .tree ul {
    margin: 0;
    padding: 0 0 0 calc(var(--_space) * 4);
    list-style: none;
    border-left: 1px solid var(--_border);
    margin-left: 6px;
  }
  .tree summary {
    cursor: pointer;
    list-style-position: outside;
    margin-left: 1em;
  }
  .tree li:not(:has(> details)) {
    padding-left: 1em;
  }
  .tree li > details {
    margin-left: 0;
  }
  /* However deep: past that it scrolls sideways. */
  .tree summary,
  .tree li:not(:has(> details)) {
    min-width: 14em;
  }
  .key {
    color: var(--_accent);
  }
  .preview,
  .null {
    color: var(--_muted);
  }
  .string {
    color: var(--_success);
    white-space: pre-wrap;
  }
  .string.muted {
    color: var(--_muted);
  }
  .number,
  .boolean {
    color: var(--_warning);
  }
  .more {
    min-height: 28px;
    color: var(--_accent);
    font-size: var(--_small);
  }
  @media (pointer: coarse) {
    .more {
      min-height: var(--_target);
    }
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--_space) * 2) calc(var(--_space) * 6);
    margin-block-start: calc(var(--_space) * 2);
  }
  .facts div {
    min-width: 0;
  }
  .facts dt {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .facts dd {
    overflow-wrap: anywhere;
  }
`
