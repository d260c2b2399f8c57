/**
 * Design tokens. A host sets `--drover-*` wherever it likes, on `:root` or on one widget; widgets use the private
 * `--_*`, which fall back to the values here. Light and dark follow the host's `color-scheme`. Every pair of text and
 * surface has a contrast of 4.5 at least, control borders of 3.
 */
import { type CSSResult, css } from 'lit'

export const tokens: CSSResult = css`
  :host {
    --_accent: var(--drover-accent, light-dark(#2b50bd, #9db8ff));
    --_on-accent: var(--drover-on-accent, light-dark(#ffffff, #10162a));
    --_surface: var(--drover-surface, light-dark(#ffffff, #15181e));
    --_sunken: var(--drover-sunken, light-dark(#f4f6f9, #0e1014));
    --_raised: var(--drover-raised, light-dark(#ffffff, #1d2129));
    --_text: var(--drover-text, light-dark(#191c22, #e7eaf0));
    --_muted: var(--drover-muted, light-dark(#555d6b, #a7b0bf));
    --_border: var(--drover-border, light-dark(#dde1e8, #2b313b));
    --_border-strong: var(--drover-border-strong, light-dark(#828b99, #707a8b));
    --_success: var(--drover-success, light-dark(#126b39, #6bd698));
    --_danger: var(--drover-danger, light-dark(#b3261e, #ff968d));
    --_warning: var(--drover-warning, light-dark(#7d4f00, #f2bf57));
    --_info: var(--drover-info, var(--_accent));
    --_neutral: var(--drover-neutral, var(--_muted));
    --_focus: var(--drover-focus, var(--_accent));
    --_radius: var(--drover-radius, 6px);
    --_space: var(--drover-space, 4px);
    --_mono: var(--drover-mono, ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace);
    --_small: var(--drover-small, 0.8125em);
    --_target: var(--drover-target, 32px);
    --_shadow: var(--drover-shadow, 0 1px 2px light-dark(rgb(16 24 40 / 8%), rgb(0 0 0 / 40%)));
    --_ease: 120ms ease-out;
  }
  @media (pointer: coarse) {
    :host {
      --_target: var(--drover-target, 44px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    :host {
      --_ease: 0s;
    }
  }
`
