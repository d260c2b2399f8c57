/** For tests, which run under Node: errors that nobody caught. */
import process from 'node:process'

/** Runs something in which errors are thrown past everybody. @returns their messages */
export async function uncaughtOf(run: () => Promise<void>): Promise<string[]> {
  const before = process.listeners('uncaughtException')
  const messages: string[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => messages.push(error.message))
  try {
    await run()
    await new Promise<void>(resolve => setTimeout(resolve, 0))
    return messages
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  }
}
