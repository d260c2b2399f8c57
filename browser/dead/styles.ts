import { type CSSResult, css } from 'lit'

export const styles: CSSResult = css`
  .frame {
    container: drover-dead / inline-size;
    contain-intrinsic-inline-size: 60em;
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) + 2px);
    background: var(--_surface);
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 3);
    border-block-end: 1px solid var(--_border);
  }
  .tools .field {
    flex: 1 1 12em;
    min-width: 0;
  }
  .tools .sum {
    flex: 1 1 100%;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--_space) calc(var(--_space) * 3);
  }
  .sum .sum-text {
    flex: 1 1 auto;
  }
  .problem {
    margin: calc(var(--_space) * 3);
  }
  .letter {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: start;
    gap: calc(var(--_space) * 1) calc(var(--_space) * 4);
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 3);
  }
  li.item + li.item {
    border-block-start: 1px solid var(--_border);
  }
  .letters {
    padding: 0;
    list-style: none;
  }
  .name {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--_space) * 1.5);
    max-width: 100%;
    min-height: var(--_target);
    padding: 0;
    border: 0;
    background: none;
    color: var(--_text);
    font: inherit;
    font-weight: 550;
    text-align: start;
    overflow-wrap: anywhere;
    cursor: pointer;
  }
  .name:hover {
    color: var(--_accent);
  }
  .name .icon-16 {
    transition: transform var(--_ease);
  }
  .name[aria-expanded='true'] .icon-16 {
    transform: rotate(90deg);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space) * 1) calc(var(--_space) * 3);
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  .line .error {
    color: var(--_danger);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: calc(var(--_space) * 2);
  }
  .detail {
    padding: calc(var(--_space) * 3);
    border-block-start: 1px solid var(--_border);
    background: var(--_sunken);
    overflow-wrap: anywhere;
  }
  .title {
    margin: calc(var(--_space) * 3) 0 var(--_space);
    font-weight: 600;
  }
  .facts > div {
    display: grid;
    grid-template-columns: 9em minmax(0, 1fr);
    gap: calc(var(--_space) * 2);
  }
  dt {
    color: var(--_muted);
  }
  .history {
    padding-inline-start: 1.5em;
  }
  .kind {
    font-weight: 550;
  }
  .input {
    margin-block-start: calc(var(--_space) * 3);
  }
  .input summary {
    min-height: var(--_target);
    cursor: pointer;
  }
  pre {
    max-height: 20em;
    padding: calc(var(--_space) * 2);
    overflow: auto;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    white-space: pre-wrap;
  }
  @container drover-dead (width < 40em) {
    .letter {
      grid-template-columns: minmax(0, 1fr);
    }
    .actions {
      justify-content: flex-start;
    }
    .facts > div {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
      margin-block-end: var(--_space);
    }
  }
`
