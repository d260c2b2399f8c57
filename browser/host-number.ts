/** Numbers that a host page writes in attributes. Frameworks take one away, or leave it empty, where they have no value. */
import type { ComplexAttributeConverter } from 'lit'

/** An empty attribute, and one that is taken away, are as one that was never there. */
export const hostNumber: ComplexAttributeConverter<number | undefined> = {
  fromAttribute: text => (text === null || text.trim() === '' ? undefined : Number(text)),
}
