/** Defines an element unless the page has it already, such as from a second copy of this script. */
export function defineOnce(tag: `drover-${string}`, element: CustomElementConstructor): void {
  if (customElements.get(tag) === undefined) customElements.define(tag, element)
}
