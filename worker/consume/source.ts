/**
 * A queue that a worker reads, in short: the name of a task for the queue that its workers share, and `@` behind that for the queue
 * that is this worker's own, by its name.
 */
import { destinationsOf } from '../../shared/stomp/mod.ts'

export const ownSource = (task: string): string => `${task}@`
export const isOwn = (source: string): boolean => source.endsWith('@')
export const taskOf = (source: string): string => (isOwn(source) ? source.slice(0, -1) : source)

/** @param name the worker's, encoded */
export const queueOf = (source: string, namespace: string, name: string): string =>
  isOwn(source) ? destinationsOf(namespace).named(taskOf(source), name) : destinationsOf(namespace).queue(source)
