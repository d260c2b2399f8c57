/** The foot of the form: Dispatch stays in view, and its edge shows that there is more beneath it, while there is. */
import { type CSSResult, css } from 'lit'

export const formFootStyles: CSSResult = css`
  drover-form::part(actions) {
    position: sticky;
    z-index: 1;
    inset-block-end: calc(var(--_space) * -4);
    margin-block-end: calc(var(--_space) * -3);
    padding-block: calc(var(--_space) * 3);
    border-block-start: 1px solid var(--_border);
    background: var(--_surface);
    animation-name: drover-more-beneath;
    animation-timing-function: linear;
    animation-timeline: scroll(nearest);
  }
  /* Where nothing scrolls there is no timeline, and nothing shows. The end of one that scrolls may be half a px away. */
  @keyframes drover-more-beneath {
    from,
    95% {
      border-color: var(--_border-strong);
      box-shadow: 0 calc(var(--_space) * -2) calc(var(--_space) * 2) calc(var(--_space) * -2)
        color-mix(in srgb, var(--_text) 28%, transparent);
    }
    95.1%,
    to {
      border-color: var(--_border);
      box-shadow: none;
    }
  }
`
