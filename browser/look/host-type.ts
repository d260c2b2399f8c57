/**
 * Type of the host page: its fonts are taken over, and nothing else that it sets for its own text. Rows, tables and buttons are
 * made for their own, and an id in small capitals reads as another.
 */
import { type CSSResult, css } from 'lit'

export const hostType: CSSResult = css`
  :host {
    font: inherit;
    font-style: normal;
    font-variant: normal;
    line-height: 1.5;
    text-align: start;
    text-align-last: auto;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    hyphens: manual;
    line-break: auto;
    word-break: normal;
    letter-spacing: normal;
    word-spacing: normal;
    white-space: normal;
    text-wrap: wrap;
    overflow-wrap: normal;
    tab-size: 8;
    text-emphasis: none;
    -webkit-text-stroke: 0;
    -webkit-text-fill-color: currentColor;
    list-style: disc;
    border-collapse: separate;
    border-spacing: 0;
    writing-mode: horizontal-tb;
    text-orientation: mixed;
  }
`
