/** Values of JSON that others wrote: one that is not of its kind is read as absent. */

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** A text that is not empty, cut to so many characters. */
export const textIn = (json: unknown, most: number): string | undefined =>
  typeof json === 'string' && json !== '' ? json.slice(0, most) : undefined

/** A number that is neither infinite nor NaN. */
export const numberIn = (json: unknown): number | undefined =>
  typeof json === 'number' && Number.isFinite(json) ? json : undefined

/** The object in a part of JOSE, in base64url. Characters beyond ASCII are not as they were. `undefined` for anything else. */
export function objectInBase64url(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
