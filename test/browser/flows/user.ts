/** A person's actions at the page, and the view after them. */
import type { Locator, Page } from 'playwright-core'
import { until } from '../../support/until.ts'

export interface Wish {
  readonly task: string
  /** Text by label. */
  readonly fields?: Readonly<Record<string, string>>
  /** Default `One worker`. */
  readonly to?: 'One worker' | 'All workers'
}

/** Fills the form and dispatches. @returns the job's `request_id`, once the page shows the job */
export async function dispatch(page: Page, { task, fields = {}, to = 'One worker' }: Wish): Promise<string> {
  const before = page.url()
  await page.getByLabel('Task', { exact: true }).selectOption(task)
  const form = page.locator('drover-form')
  for (const [label, text] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(text)
  await form.getByRole('radio', { name: to }).check()
  await form.getByRole('button', { name: 'Dispatch', exact: true }).click()
  return await until('the page shows the job', () => {
    const id = /#\/jobs\/([0-9a-f-]{36})$/.exec(page.url())?.[1]
    return page.url() === before ? undefined : id
  })
}

/** A job's row in the list. */
export const rowOf = (page: Page, id: string): Locator => page.locator(`drover-jobs [data-id="${id}"]`)

/** Waits until the list shows a job in that state, in words. */
export const untilState = (page: Page, id: string, word: string): Promise<void> =>
  rowOf(page, id).locator('[part="state"]').getByText(word, { exact: true }).waitFor()

/** How many jobs the list says there are. */
export const countOf = async (page: Page): Promise<number> =>
  Number((await page.getByRole('button', { name: /^All \d/ }).textContent())?.replace(/\D/g, ''))

/** The job that is open beside the list. */
export const openJob = (page: Page): Locator => page.getByRole('article')

/** Chooses a tab of the open job and gives its content. */
export async function tabOf(page: Page, name: string): Promise<Locator> {
  await openJob(page).getByRole('tab', { name }).click()
  return openJob(page).getByRole('tabpanel')
}

/** The console's words when a bridge or a network is away; nothing else is expected then. */
export const away =
  /WebSocket connection to|ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|INTERNET_DISCONNECTED)/
