import { expect, test } from 'vitest'
import type { DeadFilter, DeadLetters, DeadList } from '../../shared/master/mod.ts'
import type { MasterController } from '../controllers/master.ts'
import { LettersController } from './letters.ts'

/** A widget whose master answers as the test says. */
function letters() {
  const asked: { readonly error: string | undefined; answer(total: number): void }[] = []
  const dead: Pick<DeadLetters, 'list'> = {
    list: ({ error }: DeadFilter = {}) =>
      new Promise(resolve => {
        asked.push({
          error,
          answer: total => resolve({ letters: [], matched: total, total, isCut: false } satisfies DeadList),
        })
      }),
  }
  const source = { master: { dead }, session: {}, listen: () => () => {} }
  const host = { addController() {}, removeController() {}, requestUpdate() {}, updateComplete: Promise.resolve(true) }
  const wish: { error: string | undefined } = { error: undefined }
  const controller = new LettersController(host, source as unknown as MasterController, () => ({
    filter: { ...wish },
    limit: 10,
  }))
  return { asked, wish, controller }
}

test('a search while letters are read has them read once more, as they are wanted by then', async () => {
  const { asked, wish, controller } = letters()
  controller.masterChanged()
  await expect.poll(() => asked.length).toBe(1)
  wish.error = 'no_part'
  void controller.read()
  asked[0]!.answer(4)
  await expect.poll(() => asked.map(({ error }) => error)).toEqual([undefined, 'no_part'])
  expect(controller.isBusy).toBe(true)
  asked[1]!.answer(1)
  await expect.poll(() => [controller.isBusy, controller.list?.total]).toEqual([false, 1])
})

test('what a master answers that is not there any more is not shown', async () => {
  const { asked, controller } = letters()
  controller.masterChanged()
  controller.masterChanged()
  await expect.poll(() => asked.length).toBe(2)
  asked[1]!.answer(1)
  await expect.poll(() => controller.list?.total).toBe(1)
  asked[0]!.answer(4)
  await new Promise(setImmediate)
  expect(controller.list?.total).toBe(1)
})
