import type { Page } from 'playwright-core'

/** One thing to take pictures of. */
export interface Scene {
  /** Of the file: `form-issues`. */
  readonly name: string
  /** A fixture of test/browser/fixtures, or an address. */
  readonly where: string
  /** Brings it about, and waits until it shows. */
  set?(page: Page): Promise<unknown>
  /** Lets go of all that would be in the way of other scenes. */
  end?(page: Page): Promise<unknown>
  /** Whether the picture is of the window, not of the whole page. Windows narrower than 900 px always show the whole page. */
  readonly isWindow?: boolean
}
