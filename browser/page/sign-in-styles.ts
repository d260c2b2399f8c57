import { type CSSResult, css } from 'lit'

export const signInStyles: CSSResult = css`
  :host {
    display: grid;
    place-items: start center;
    padding: clamp(16px, 10vh, 96px) 16px 32px;
  }
  form {
    display: grid;
    gap: calc(var(--_space) * 4);
    width: 100%;
    max-width: 380px;
    padding: calc(var(--_space) * 7);
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 2);
    background: var(--_surface);
    box-shadow: var(--_shadow);
  }
  h1 {
    font-size: 1.25rem;
    font-weight: 650;
    letter-spacing: -0.01em;
  }
  h1 + p {
    margin-top: calc(var(--_space) * -3);
  }
  label {
    display: grid;
    gap: var(--_space);
    font-weight: 550;
  }
  .field {
    width: 100%;
    min-height: 40px;
    font-weight: 400;
  }
  .button {
    min-height: 44px;
  }
`
