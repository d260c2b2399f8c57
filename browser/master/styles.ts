import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  .note {
    margin-block-end: calc(var(--_space) * 3);
    padding-block: calc(var(--_space) * 1.5);
    font-size: 0.9375em;
  }
  .note[hidden] {
    display: none;
  }
  .detail {
    color: var(--_muted);
  }
`
