/** Has workers take no more jobs of a task, or take them again. They obey operators alone. */
import { DroverError } from '../../contract/errors.ts'
import { checkTaskName, grantCovers } from '../../contract/mod.ts'
import type { Stomp } from '../../stomp/mod.ts'
import { controlMessage } from '../control-message.ts'

export interface PauseOptions {
  /** Of the workers; default: all that are there now. One that starts later is not paused. */
  readonly names?: readonly string[] | undefined
}

/**
 * Tells the workers of a task.
 * @returns resolves once the broker has it; presence says which workers have obeyed
 * @throws {DroverError} `task_invalid`, `forbidden` without the grant to operate the task; the reason why there is no connection
 */
export async function tellPause(
  stomp: Pick<Stomp, 'opened' | 'publish'>,
  type: 'pause' | 'resume',
  task: string,
  { names }: PauseOptions = {},
): Promise<void> {
  checkTaskName(task)
  const session = await stomp.opened()
  // Without it a bridge passes the message on, and no worker obeys
  if (session.grants !== undefined && !grantCovers(session.grants.operate, task)) {
    throw new DroverError('forbidden', `This session may not ${type} ${task}; ask for the grant "operate" of that task`)
  }
  await stomp.publish(controlMessage(session, task, { v: 1, type, ...(names && { names: [...names] }) }))
}
