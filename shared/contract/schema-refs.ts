/** Finds the part that a `$ref` of a JSON Schema names. Nothing is ever fetched. */

import { isObject } from './json-values.ts'

type Schema = Readonly<Record<string, unknown>>

/** So many parts of a schema are looked at for a name at most. */
const maxParts = 20_000

/**
 * Looks up a reference inside one schema.
 * @param ref a JSON pointer as a fragment, an anchor, or an `$id` of a part, with either of these behind it
 */
export function findReferred(root: Schema, ref: string): Schema | undefined {
  const [id = '', fragment = ''] = ref.split('#', 2)
  const base = id === '' ? root : partThat(root, part => part.$id === id || part.$id === `${id}#`)
  if (base === undefined) return undefined
  const name = decode(fragment)
  if (name === '') return base
  if (!name.startsWith('/')) {
    return partThat(base, part => part.$anchor === name || part.$dynamicAnchor === name || part.$id === `#${name}`)
  }
  let at: unknown = base
  for (const part of fragment.slice(1).split('/')) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(Object(at), key)) return undefined
    at = (at as Schema)[key]
  }
  return isObject(at) ? at : undefined
}

function partThat(root: Schema, is: (part: Schema) => boolean): Schema | undefined {
  const waiting: unknown[] = [root]
  for (let steps = 0; waiting.length > 0 && steps < maxParts; steps++) {
    const one = waiting.shift()
    if (isObject(one) && is(one)) return one
    if (typeof one === 'object' && one !== null) waiting.push(...Object.values(one).slice(0, maxParts))
  }
  return undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
