/** Shown by a widget where its master, or the workers for it, are not there. */
import type { TemplateResult } from 'lit'
import type { DroverElement } from './element.ts'
import { type Copying, emptiness, notYet, startsAWorker } from './look/mod.ts'

/**
 * @param text tells a person how to go on, or which things show here later
 * @returns nothing to show while there is a master
 */
export function withoutMaster(
  { isComing, master }: { readonly isComing: boolean; readonly master: unknown },
  text: string,
): TemplateResult | undefined {
  if (isComing) return notYet
  return master === undefined ? emptiness({ icon: 'away', title: 'Not connected', text }) : undefined
}

/** @param text stands above the command that starts a worker */
export function withoutWorker(
  { task, workerCommand }: DroverElement & { task: string | undefined; workerCommand: string | undefined },
  text: string,
  copying: Copying,
): TemplateResult {
  return emptiness({
    icon: 'no_worker',
    title: task ? `No worker is there for ${task}` : 'No worker is there',
    text,
    command: workerCommand || startsAWorker,
    copying,
  })
}
