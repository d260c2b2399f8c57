/** How buttons look. Each rule weighs the same, so that the last one holds: a disabled button under the pointer looks disabled. */
import { type CSSResult, css } from 'lit'

export const buttons: CSSResult = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    vertical-align: middle;
    gap: calc(var(--_space) * 1.5);
    min-height: var(--_target);
    padding: 0 calc(var(--_space) * 3);
    border: 1px solid var(--_border-strong);
    border-radius: var(--_radius);
    background: var(--_raised);
    color: var(--_text);
    font: inherit;
    font-weight: 500;
    line-height: 1.2;
    white-space: nowrap;
    text-decoration: none;
    cursor: pointer;
    transition: background-color var(--_ease), border-color var(--_ease);
  }
  .button:hover {
    background: color-mix(in srgb, var(--_text) 6%, var(--_raised));
  }
  .button:active {
    background: color-mix(in srgb, var(--_text) 12%, var(--_raised));
  }
  .button.primary {
    border-color: var(--_accent);
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .button:where(.primary):hover {
    background: color-mix(in srgb, var(--_text) 14%, var(--_accent));
  }
  .button.danger {
    border-color: color-mix(in srgb, var(--_danger) 60%, var(--_border-strong));
    color: var(--_danger);
  }
  .button.quiet {
    border-color: transparent;
    background: transparent;
    padding-inline: calc(var(--_space) * 2);
  }
  .button:where(.quiet):hover {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
  }
  .button.icon {
    min-width: var(--_target);
    padding: 0;
  }
  .button:disabled,
  .button[aria-disabled='true'] {
    border-color: var(--_border);
    background: var(--_sunken);
    color: var(--_muted);
    cursor: not-allowed;
  }
`
