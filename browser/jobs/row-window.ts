/**
 * Renders those rows of a long list that can be seen, each as high as it likes to be. The rows are in the list's flow, below
 * a padding as high as those that are left out above: they never overlap, and need no place each.
 *
 * After each update their heights are read at once. Where those above the view changed, or all did with the list's width, the
 * list is scrolled by as much before it is painted: the first row that begins in view stays where it is. (The browser's own
 * anchoring would not do: it stands back where a padding changes.)
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { firstIn, type Range, rangeIn, revealing, type Tops, topsOf } from './tops.ts'

const overscan = 4

export class RowWindow implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #find: () => HTMLElement | null
  readonly #sizes = new ResizeObserver(([entry]) => this.#onSize(entry!.contentRect))
  #scroller: HTMLElement | null = null
  /** Whether there is no box to measure: not rendered yet, hidden, or out of the page. */
  #isAway = true
  #gutter = 0
  #width = 0
  #height = 600
  #top = 0
  #keys: readonly string[] = []
  #places: ReadonlyMap<string, number> = new Map()
  /** Of rows as wide as they are now, px. */
  readonly #heights = new Map<string, number>()
  /** Of all others: as those were that were seen first, for the scrollbar would jump if it changed all the time. */
  #estimate = 54
  #tops: Tops = topsOf(this.#places, this.#heights, 0)
  #range: Range = { first: 0, end: 0 }
  #wasScrolled = false
  /** The row that stays where it is, and how far its top is below the view's. None at the very top, where new rows push. */
  #anchor: { readonly key: string; readonly offset: number } | undefined
  #sought: string | undefined

  /** @param find the element that scrolls; its only child holds the rows and nothing else, each with its key in `data-id` */
  constructor(host: ReactiveControllerHost, find: () => HTMLElement | null) {
    this.#host = host
    this.#find = find
    host.addController(this)
  }

  /** Whether somebody has scrolled down. */
  get isScrolled(): boolean {
    return this.#top > 0
  }

  /** The part of the width of the rows that a scrollbar takes, px. */
  get gutter(): number {
    return this.#gutter
  }

  /** The first row that begins in view. */
  get firstKey(): string | undefined {
    return this.#keys[firstIn(this.#tops, this.#top)]
  }

  /** @returns the place of a row among all, from 0 */
  placeOf(key: string | undefined): number | undefined {
    return this.#places.get(key ?? '')
  }

  /**
   * @param keys of all rows, in their order
   * @param kept a row to render even out of view, since it has the focus or gets it next
   * @returns the places to render now
   */
  arrange(keys: readonly string[], kept: string | undefined): readonly number[] {
    if (keys.length !== this.#keys.length || keys.some((key, place) => key !== this.#keys[place])) {
      this.#keys = keys
      this.#places = new Map(keys.map((key, place) => [key, place]))
      for (const key of this.#heights.keys()) if (!this.#places.has(key)) this.#heights.delete(key)
      this.#compute()
    }
    this.#range = this.#inView()
    this.#wasScrolled = this.isScrolled
    const { first, end } = this.#range
    const places = Array.from({ length: end - first }, (_, nth) => first + nth)
    const apart = this.placeOf(kept)
    if (apart === undefined || this.#isInRange(apart)) return places
    return apart < first ? [apart, ...places] : [...places, apart]
  }

  /** @returns the style of a rendered row: one that is kept out of view is out of the flow too */
  styleOf(place: number): string {
    return this.#isInRange(place) ? '' : `position: absolute; inset-inline: 0; top: ${this.#tops[place]}px`
  }

  /** Scrolls at the next update, as little as brings the whole row into view. */
  reveal(key: string | undefined): void {
    this.#sought = key
  }

  toTop(): void {
    this.#sought = undefined
    if (this.#scroller) this.#scroller.scrollTop = 0
    this.#see(0)
  }

  /** For the `scroll` events of the element. */
  readonly onScroll = (): void => {
    if (this.#look() && this.#isStale()) this.#host.requestUpdate()
  }

  hostConnected(): void {
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#watch(null)
  }

  hostUpdated(): void {
    const scroller = this.#find()
    if (scroller !== this.#scroller) this.#watch(scroller)
    // Without rows there is nothing to scroll, and the next ones begin at the top.
    if (!scroller) this.#see(0)
    if (this.#isAway || !scroller) return
    const space = scroller.firstElementChild as HTMLElement
    this.#pad(space)
    if (!this.#look()) return
    if (this.#measure(space.children)) this.#pad(space)
    const top = this.#wanted()
    if (Math.abs(top - this.#top) > 0.1) {
      scroller.scrollTop = top
      this.#see(scroller.scrollTop)
    }
    // Each such update measures rows that never were: so they come to an end.
    if (this.#isStale()) queueMicrotask(() => this.#host.requestUpdate())
    else this.#sought = undefined
  }

  #watch(scroller: HTMLElement | null): void {
    this.#isAway = true
    this.#scroller = scroller
    this.#sizes.disconnect()
    if (scroller) this.#sizes.observe(scroller)
  }

  #onSize({ width, height }: DOMRectReadOnly): void {
    const scroller = this.#scroller
    if (!scroller || height === 0) {
      this.#isAway = true
      return
    }
    if (!this.#isAway && width === this.#width && height === this.#height) return
    if (width !== this.#width) this.#heights.clear()
    this.#width = width
    this.#height = height
    // A list that was away may have lost its place.
    if (this.#isAway) scroller.scrollTop = this.#top
    this.#isAway = false
    this.#gutter = scroller.offsetWidth - scroller.clientWidth
    this.#host.requestUpdate()
    // The size after this update is told in the next frame: in this one the browser would call it an endless loop.
    this.#sizes.disconnect()
    requestAnimationFrame(() => {
      if (scroller === this.#scroller) this.#sizes.observe(scroller)
    })
  }

  /** @returns whether there is anything to be seen */
  #look(): boolean {
    if (this.#isAway || !this.#scroller?.clientHeight) return false
    const { scrollTop } = this.#scroller
    if (scrollTop !== this.#top) this.#see(scrollTop)
    return true
  }

  #see(top: number): void {
    this.#top = top
    const place = firstIn(this.#tops, top)
    const key = this.#keys[place]
    this.#anchor = top > 0 && key !== undefined ? { key, offset: this.#tops[place]! - top } : undefined
  }

  /** As much room as all rows would take, and those that are rendered at their place in it. */
  #pad({ style }: HTMLElement): void {
    style.minHeight = `${this.#tops.at(-1)}px`
    style.paddingBlockStart = `${this.#tops[this.#range.first]}px`
  }

  /** Reads all heights before anything is written. @returns whether any is another */
  #measure(rows: HTMLCollection): boolean {
    const isFirst = this.#heights.size === 0
    let isChanged = false
    for (const row of rows) {
      const key = (row as HTMLElement).dataset.id!
      // Not a rectangle's: that is as the page around has scaled, or rounded it.
      const height = Number.parseFloat(getComputedStyle(row).height)
      if (Number.isNaN(height) || height === this.#heights.get(key)) continue
      this.#heights.set(key, height)
      isChanged = true
    }
    if (!isChanged) return false
    const heights = [...this.#heights.values()]
    if (isFirst) this.#estimate = heights.reduce((sum, height) => sum + height) / heights.length
    this.#compute()
    return true
  }

  #compute(): void {
    this.#tops = topsOf(this.#places, this.#heights, this.#estimate)
  }

  #wanted(): number {
    const anchored = this.placeOf(this.#anchor?.key)
    const top = anchored === undefined ? this.#top : this.#tops[anchored]! - this.#anchor!.offset
    const sought = this.placeOf(this.#sought)
    return sought === undefined ? top : revealing(this.#tops, sought, top, this.#height)
  }

  #isInRange(place: number): boolean {
    return place >= this.#range.first && place < this.#range.end
  }

  #inView(): Range {
    return rangeIn(this.#tops, this.#top, this.#height, overscan)
  }

  /** Whether another update would show something else. */
  #isStale(): boolean {
    const { first, end } = this.#inView()
    return first !== this.#range.first || end !== this.#range.end || this.isScrolled !== this.#wasScrolled
  }
}
