/** Objects, lists and shapes: fields with a line beside them, and items in frames of their own. */
import { type CSSResult, css } from 'lit'

export const groupStyles: CSSResult = css`
  .group {
    position: relative;
    display: grid;
    gap: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 1) 0 calc(var(--_space) * 1) calc(var(--_space) * 4);
    border-inline-start: 2px solid var(--_border);
  }
  .group:focus-within {
    border-inline-start-color: color-mix(in srgb, var(--_accent) 55%, var(--_border));
  }
  .group > legend {
    float: left;
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    min-height: var(--_target);
    max-width: calc(100% - 7rem);
  }
  .group > .tools {
    position: absolute;
    inset-block-start: calc(var(--_space) * 1);
    inset-inline-end: 0;
  }
  .shape {
    max-width: 20rem;
  }
  .items {
    display: grid;
    gap: calc(var(--_space) * 2);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .item {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: start;
    gap: calc(var(--_space) * 1) calc(var(--_space) * 2);
  }
  .place {
    min-width: 1.25em;
    padding-top: calc((var(--_target) - 1.5em) / 2);
    color: var(--_muted);
    font-size: var(--_small);
    text-align: end;
  }
  .moves {
    display: flex;
  }
  .moves .button {
    color: var(--_muted);
  }
  .moves .button:hover:not(:disabled) {
    color: var(--_text);
  }
  .moves .button:disabled {
    border-color: transparent;
    background: none;
    opacity: 0.4;
  }
  .up .icon-16 {
    transform: rotate(-90deg);
  }
  .down .icon-16 {
    transform: rotate(90deg);
  }
  .bare {
    display: grid;
    gap: var(--_space);
  }
  .add {
    justify-self: start;
  }
  .item .group {
    border: 0;
    padding: 0;
  }
  .item .group > legend {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .item:has(> .content > .group) {
    grid-template-columns: minmax(0, 1fr);
    position: relative;
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3) calc(var(--_space) * 3);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }
  .item:has(> .content > .group) > .place {
    display: none;
  }
  .item:has(> .content > .group) > .moves {
    position: absolute;
    inset-block-start: calc(var(--_space) * 1.5);
    inset-inline-end: calc(var(--_space) * 1.5);
  }
  details > summary {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    min-height: var(--_target);
    width: fit-content;
    font-weight: 550;
    list-style: none;
    cursor: pointer;
  }
  details > summary::-webkit-details-marker {
    display: none;
  }
  summary > .icon-16 {
    transition: rotate var(--_ease);
  }
  summary:dir(rtl) > .icon-16 {
    rotate: 180deg;
  }
  details[open] > summary > .icon-16 {
    rotate: 90deg;
  }
  details > .fields {
    padding-block-start: calc(var(--_space) * 2);
  }
`
