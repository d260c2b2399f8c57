/**
 * The beginning of every widget's style sheet: box, type, focus, and the classes that all share. A widget says
 * `static styles = [look, styles]`.
 *
 * Classes: `button` (`primary`, `danger`, `quiet`, `icon`), `field` (an input, select or textarea), `state` with
 * `data-tone` (state.ts), `mono`, `muted`, `numbers`, `empty`, `note` with `data-tone`, `visually-hidden`.
 */
import { type CSSResult, css } from 'lit'
import { buttons } from './buttons.ts'
import { hostType } from './host-type.ts'
import { tokens } from './tokens.ts'

const box = css`
  :host {
    display: block;
    box-sizing: border-box;
    min-width: 0;
    color: var(--_text);
    accent-color: var(--_accent);
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
    border-radius: calc(var(--_radius) - 2px);
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  pre {
    margin: 0;
  }
  a {
    color: var(--_accent);
    text-underline-offset: 0.2em;
  }
  code,
  pre,
  .mono {
    font-family: var(--_mono);
    font-size: 0.9em;
  }
  .muted {
    color: var(--_muted);
  }
  .small {
    font-size: var(--_small);
  }
  .numbers {
    font-variant-numeric: tabular-nums;
  }
  .icon-16 {
    width: 1em;
    height: 1em;
    min-width: 14px;
    min-height: 14px;
    flex: none;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`

const fields = css`
  .field {
    min-height: var(--_target);
    max-width: 100%;
    padding: calc(var(--_space) * 1) calc(var(--_space) * 2);
    border: 1px solid var(--_border-strong);
    border-radius: var(--_radius);
    background: var(--_raised);
    color: var(--_text);
    font: inherit;
    transition: border-color var(--_ease);
  }
  .field:hover {
    border-color: var(--_text);
  }
  .field:focus-visible {
    outline-offset: 0;
    border-radius: var(--_radius);
  }
  .field[aria-invalid='true'],
  .field:user-invalid {
    border-color: var(--_danger);
  }
  .field::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  progress {
    display: block;
    width: 100%;
    height: 6px;
    border: 0;
    border-radius: 3px;
    overflow: hidden;
    appearance: none;
    background: color-mix(in srgb, var(--_text) 14%, transparent);
    color: var(--_accent);
  }
  progress::-webkit-progress-bar {
    background: transparent;
  }
  progress::-webkit-progress-value {
    border-radius: 3px;
    background: var(--_accent);
  }
  progress::-moz-progress-bar {
    border-radius: 3px;
    background: var(--_accent);
  }
  progress:indeterminate {
    background-image: linear-gradient(
      -45deg,
      var(--_accent) 25%,
      transparent 25% 50%,
      var(--_accent) 50% 75%,
      transparent 75%
    );
    background-size: 12px 12px;
    animation: drover-move 0.8s linear infinite;
  }
  progress:indeterminate::-moz-progress-bar {
    background: none;
  }
  @keyframes drover-move {
    to {
      background-position-x: 12px;
    }
  }
  @media (forced-colors: active) {
    progress,
    .button[aria-pressed='true'] {
      --_accent: Highlight;
      forced-color-adjust: none;
      border: 1px solid CanvasText !important;
    }
    .button:disabled,
    .button[aria-disabled='true'] {
      border-color: GrayText;
      color: GrayText;
    }
    progress {
      background-color: Canvas;
    }
    .button[aria-pressed='true'] {
      background: Highlight !important;
      color: HighlightText !important;
    }
  }
`

const states = css`
  [data-tone='success'] {
    --_tone: var(--_success);
  }
  [data-tone='danger'] {
    --_tone: var(--_danger);
  }
  [data-tone='warning'] {
    --_tone: var(--_warning);
  }
  [data-tone='info'] {
    --_tone: var(--_info);
  }
  [data-tone='neutral'] {
    --_tone: var(--_neutral);
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 1.25);
    padding: 1px calc(var(--_space) * 2) 1px calc(var(--_space) * 1.5);
    border: 1px solid color-mix(in srgb, var(--_tone) 30%, transparent);
    border-radius: 999px;
    background: color-mix(in srgb, var(--_tone) 8%, var(--_surface));
    color: var(--_tone);
    font-size: var(--_small);
    font-weight: 550;
    line-height: 1.5;
    white-space: nowrap;
  }
  .state .spin {
    animation: drover-spin 1.6s linear infinite;
    transform-origin: 50% 50%;
  }
  @keyframes drover-spin {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .state .spin,
    progress:indeterminate {
      animation: none;
    }
  }
  @media (forced-colors: active) {
    .state {
      border-color: currentColor;
    }
  }
  .note {
    display: flex;
    align-items: flex-start;
    gap: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3);
    border: 1px solid color-mix(in srgb, var(--_tone, var(--_neutral)) 35%, var(--_border));
    border-radius: var(--_radius);
    background: color-mix(in srgb, var(--_tone, var(--_neutral)) 7%, var(--_surface));
    color: var(--_text);
    overflow-wrap: anywhere;
  }
  .note > .icon-16 {
    margin-top: 0.25em;
    color: var(--_tone, var(--_neutral));
  }
  .lock {
    flex: none;
    display: inline-flex;
    align-self: center;
    color: var(--_muted);
  }
  .empty {
    padding: calc(var(--_space) * 6) calc(var(--_space) * 4);
    color: var(--_muted);
    text-align: center;
    overflow-wrap: anywhere;
  }
  .empty > * + * {
    margin-block-start: calc(var(--_space) * 2);
  }
  .empty-icon {
    display: block;
    font-size: 1.5em;
  }
  .empty-title {
    color: var(--_text);
    font-weight: 600;
  }
  .command {
    display: inline-flex;
    align-items: center;
    gap: var(--_space);
    max-width: 100%;
    padding-inline: calc(var(--_space) * 3) var(--_space);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_sunken);
    color: var(--_text);
    text-align: start;
  }
`

/** Tokens and everything above. */
export const look: CSSResult[] = [tokens, hostType, box, buttons, fields, states]
