/**
 * A framework that knows no property of a tag writes an attribute, and an object is lost: React 18 always, React 19 and Vue 3 where
 * they render before the widget is defined.
 */
export function warnOfWrittenObject({ localName, attributes }: Element): void {
  for (const { name, value } of attributes) {
    if (value !== '[object Object]') continue
    console.warn(
      `<${localName}> got "${value}" as its ${name}: set it as a property, in React by a ref, in Vue as ".${name}"`,
    )
  }
}
