/**
 * What the tabs of this browser leave each other about who is signed in. Scripts cannot see the cookie, and to ask by it
 * in vain is an error in the console.
 */

/** `leaving`: signed out here, and the bridge, which takes the cookie away, has not said that it did. */
export type Mark = 'in' | 'leaving' | 'out' | 'unknown'

const key = 'drover signed in'
const texts = { in: '', leaving: 'leaving' } as const

/** @returns `unknown` where storage is blocked or full: cookies may not be */
export function readMark(): Mark {
  try {
    const text = localStorage.getItem(key)
    if (text !== null) return text === texts.leaving ? 'leaving' : 'in'
    localStorage.setItem(`${key}?`, '')
    localStorage.removeItem(`${key}?`)
    return 'out'
  } catch {
    return 'unknown'
  }
}

export function setMark(mark: keyof typeof texts | 'out'): void {
  try {
    if (mark === 'out') localStorage.removeItem(key)
    else localStorage.setItem(key, texts[mark])
  } catch {} // then every visit asks
}

/** Calls `onOut` when another tab has signed this browser out. Returns how to stop. */
export function followMark(onOut: () => void): () => void {
  const onStorage = (event: StorageEvent): void => {
    if (event.key === key && event.newValue !== texts.in) onOut()
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}
