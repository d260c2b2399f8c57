import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: var(--drover-gap, calc(var(--_space) * 4));
  }
  .note {
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
