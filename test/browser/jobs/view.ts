/** A list of many jobs in `<drover-jobs>`, and its rows in view. */
import { expect } from 'vitest'
import type { JobsFixture } from '../fixtures/jobs.ts'
import type { OpenOptions, Tab } from '../harness.ts'

/** In the page. */
declare const fixture: JobsFixture

/**
 * @param openFixture opens a tab with the fixture `jobs`
 * @returns opens one with `n` jobs, the newest first on the list: of every three, one is higher than the others
 */
export function withRows(openFixture: (options?: OpenOptions) => Promise<Tab>) {
  return async (n: number, options?: OpenOptions): Promise<Tab> => {
    const tab = await openFixture(options)
    await tab.page.evaluate(n => {
      const progress = { v: 1, type: 'progress', request_id: '', attempt: 1, percent: 5, message: 'on it' } as const
      const running = { phase: { at: 'running', since: 0 }, progress } as const
      fixture.master.set(
        ...Array.from({ length: n }, (_, i) => fixture.job({ task: `task.n${i}`, ...(i % 3 === 0 ? running : {}) })),
      )
    }, n)
    await tab.page.getByText(`task.n${n - 1}`, { exact: true }).waitFor()
    return tab
  }
}

export interface Row {
  readonly task: string
  /** Below the view's top, px. */
  readonly top: number
  readonly bottom: number
}

export interface View {
  readonly height: number
  readonly scrollTop: number
  readonly total: number
  /** Those in view, even in part, from the top. */
  readonly rows: readonly Row[]
  readonly rendered: number
  readonly focused: string
}

/** The view once it was painted. */
export const look = (tab: Tab): Promise<View> =>
  tab.page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    const root = fixture.jobs.shadowRoot!
    const scroller = root.querySelector('.scroller')!
    const box = scroller.getBoundingClientRect()
    const taskOf = (row: Element | null | undefined) => row?.querySelector('.task')?.textContent ?? ''
    const rows = [...root.querySelectorAll('.job')].map(row => {
      const { top, bottom } = row.getBoundingClientRect()
      return { task: taskOf(row), top: top - box.top, bottom: bottom - box.top }
    })
    return {
      height: box.height,
      scrollTop: scroller.scrollTop,
      total: scroller.scrollHeight,
      rows: rows.filter(({ top, bottom }) => bottom > 0.5 && top < box.height - 0.5),
      rendered: rows.length,
      focused: taskOf(root.activeElement?.closest('.job')),
    }
  })

export const scrollTo = (tab: Tab, top: number) =>
  tab.page.evaluate(top => fixture.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, top), top)

/** The view is full of rows, one below the other, the next below the one before. */
export function expectFull({ rows, height, rendered }: View): void {
  expect(rows[0]!.top).toBeLessThanOrEqual(0.5)
  expect(rows.at(-1)!.bottom).toBeGreaterThanOrEqual(height - 0.5)
  const numbers = rows.map(({ task }) => Number(task.slice('task.n'.length)))
  expect(numbers).toEqual(numbers.map((_, nth) => numbers[0]! - nth))
  for (const [nth, { top }] of rows.entries()) if (nth > 0) expect(top).toBeCloseTo(rows[nth - 1]!.bottom, 0)
  expect(rendered).toBeLessThan(40)
}

export const rowOf = (view: View, task: string): Row => {
  const row = view.rows.find(one => one.task === task)
  if (row === undefined) throw new Error(`${task} is not in view, but ${view.rows.map(one => one.task).join(', ')}`)
  return row
}

/** The first that begins in view. */
export const firstOf = ({ rows }: View): Row => rows.find(({ top }) => top > -0.5)!
