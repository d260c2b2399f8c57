/**
 * A note that the tabs of this browser leave each other, of whether somebody is signed in. Scripts cannot see the cookie, and
 * to ask by it in vain is an error in the console.
 */

/** `leaving`: signed out here, and the bridge, which takes the cookie away, has not said that it did. */
export type Mark = 'in' | 'leaving' | 'out' | 'unknown'

/** A bridge below a path has cookies of its own. */
const key = (): string => `drover signed in${location.pathname}`.replace(/\/$/, '')
const texts = { in: '', leaving: 'leaving' } as const

export class SignInMark {
  readonly #disk: Storage | undefined

  /** @param disk that all tabs of the site share; absent where it is blocked */
  constructor(disk: Storage | undefined) {
    this.#disk = disk
  }

  /** @returns `unknown` where storage is blocked or full: cookies may not be */
  read(): Mark {
    const disk = this.#disk
    if (disk === undefined) return 'unknown'
    try {
      const text = disk.getItem(key())
      if (text !== null) return text === texts.leaving ? 'leaving' : 'in'
      disk.setItem(`${key()}?`, '')
      disk.removeItem(`${key()}?`)
      return 'out'
    } catch {
      return 'unknown'
    }
  }

  set(mark: keyof typeof texts | 'out'): void {
    try {
      if (mark === 'out') this.#disk?.removeItem(key())
      else this.#disk?.setItem(key(), texts[mark])
    } catch {} // then every visit asks
  }
}

/** Calls `onOut` when another tab has signed this browser out. Returns how to stop. */
export function followMark(onOut: () => void): () => void {
  const onStorage = (event: StorageEvent): void => {
    if (event.key === key() && event.newValue !== texts.in) onOut()
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}
