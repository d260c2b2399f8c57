/**
 * Keeps a list at its end while it grows. Where it stands is a state and no measure: lines are laid out late and dropped
 * early, so that its heights are estimates, and only somebody who scrolls up lets go of the end.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Nearer to the end than this, in px, is at the end: heights come in fractions. */
const atEndPx = 8

export class FollowEnd implements ReactiveController {
  readonly #find: () => Element | null | undefined
  /** A line gets its height when it comes into view, which is after it was scrolled to. */
  readonly #sizes = new ResizeObserver(() => this.#follow())
  #list: Element | undefined
  #isFollowing = true
  #top = 0

  /** @param find gives the list that scrolls, whose only child grows; nothing while it is not shown */
  constructor(host: ReactiveControllerHost, find: () => Element | null | undefined) {
    this.#find = find
    host.addController(this)
  }

  /** Another list is shown in the same place: it begins at its end. */
  reset(): void {
    this.#isFollowing = true
  }

  hostUpdated(): void {
    const list = this.#find() ?? undefined
    if (list !== this.#list) this.#watch(list)
    this.#follow()
  }

  hostDisconnected(): void {
    this.#watch(undefined)
  }

  #watch(list: Element | undefined): void {
    this.#list?.removeEventListener('scroll', this.#onScroll)
    this.#sizes.disconnect()
    this.#list = list
    this.#isFollowing = true
    this.#top = 0
    if (list === undefined) return
    list.addEventListener('scroll', this.#onScroll, { passive: true })
    this.#sizes.observe(list)
    if (list.firstElementChild) this.#sizes.observe(list.firstElementChild)
  }

  readonly #onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.#list!
    if (scrollHeight - scrollTop - clientHeight < atEndPx) this.#isFollowing = true
    else if (scrollTop < this.#top) this.#isFollowing = false
    this.#top = scrollTop
    // Browsers keep the line under the eye in its place while lines above are dropped; who follows reads the end.
    this.#list!.toggleAttribute('data-follows', this.#isFollowing)
  }

  #follow(): void {
    const list = this.#list
    if (list === undefined) return
    this.#onScroll()
    if (!this.#isFollowing) return
    list.scrollTop = list.scrollHeight
    this.#top = list.scrollTop
  }
}
