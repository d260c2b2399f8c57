/** The parts that hostile frames are made of. */
import { raw } from '../../../support/raw-session.ts'

/** A frame that must not pass, as bytes on the wire. */
export interface Hostile {
  readonly what: string
  /** `master`: dispatch image.*, broadcast host.facts, sub ada. `worker`: work image.thumbnail, sub rex. */
  readonly who: 'master' | 'worker'
  /** `{pass}` stands for the pass of a job that this session was handed: of the task of `queue`, sender ada, correlation-id c1. */
  readonly frame: string
  /** Default 1.2. */
  readonly version?: '1.0' | '1.1'
}

/** That the master may send jobs to, and the worker works on. */
export const queue = '/queue/myapp.tasks.image.thumbnail'
/** The master's own replies. */
export const own = '/queue/myapp.reply.ada.m'

/** A job of the master's. */
export const sendTo = (destination: string, ...more: string[]): string =>
  raw('SEND', [`destination:${destination}`, `reply-to:${own}`, 'correlation-id:c1', ...more], '{}')

/** A SEND that asks for no answer. */
export const answering = (destination: string | undefined, ...more: string[]): string =>
  raw('SEND', [...(destination === undefined ? [] : [`destination:${destination}`]), ...more], '{}')

export const subscribe = (destination: string, ...more: string[]): string =>
  raw('SUBSCRIBE', ['id:x', `destination:${destination}`, ...more])

/** Frames by their kind. */
export const list = (who: Hostile['who'], frames: Readonly<Record<string, string>>, prefix: string): Hostile[] =>
  Object.entries(frames).map(([what, frame]) => ({ what: `${prefix}${what}`, who, frame }))
