/** The keys that a token hands on to the page: those who signed in need not know them. */
import type { JsonWebKeySet, SealOptions } from '../../shared/seal/mod.ts'

/** A JWKS, or where one is. */
type HandedKeys = JsonWebKeySet | string

/** @returns `undefined` for a token without any: jobs travel in the open then */
export function keysIn(token: string): HandedKeys | undefined {
  try {
    const claims = JSON.parse(fromBase64url(token.split('.')[1] ?? '')) as {
      readonly drover?: { readonly seal?: { readonly keys?: unknown } }
    }
    const keys = claims.drover?.seal?.keys
    return typeof keys === 'string' || (typeof keys === 'object' && keys !== null) ? (keys as HandedKeys) : undefined
  } catch {
    return undefined // a token of another kind has none
  }
}

/** @param latest asked each time that keys are due to be read anew: a later token may bring others */
export function sealBy(keys: HandedKeys | undefined, latest: () => HandedKeys | undefined): SealOptions | undefined {
  if (keys === undefined) return undefined
  if (typeof keys === 'string') return { keys }
  return {
    keys: () => {
      const now = latest()
      return typeof now === 'object' ? now : keys
    },
  }
}

const fromBase64url = (text: string): string => {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
  return new TextDecoder().decode(bytes)
}
