/** The dead letters of a master: the code for them is fetched by the first who asks, so that other pages are spared it. */
import { DroverError } from '../../contract/errors.ts'
import type { DeadLetters } from './api.ts'
import type { DeadPorts } from './letters.ts'

export function lazyDeadLetters(ports: DeadPorts): DeadLetters {
  const load = async (): Promise<DeadLetters> => {
    try {
      return (await import('./letters.ts')).createDeadLetters(ports)
    } catch (cause) {
      const found = 'The code for dead letters cannot be loaded: reload the page if this does not pass'
      throw new DroverError('unsupported', found, { cause })
    }
  }
  return {
    list: async (...asked) => (await load()).list(...asked),
    show: async id => (await load()).show(id),
    retry: async (...asked) => (await load()).retry(...asked),
    drop: async (...asked) => (await load()).drop(...asked),
  }
}
