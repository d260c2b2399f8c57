/**
 * Defines an element unless the page has it already, such as from a second copy of this script. Without a document, as where
 * a page is rendered on a server, there is nothing to define: its tag is written as it is, and the browser fills it.
 */
export function defineOnce(tag: `drover-${string}`, element: CustomElementConstructor): void {
  if (typeof document === 'undefined') return
  if (customElements.get(tag) === undefined) customElements.define(tag, element)
}
