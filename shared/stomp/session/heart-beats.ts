/**
 * Heart-beats of both sides. STOMP 1.2, "Heart-beating". The other one has fallen silent when two of its own are missing. That is
 * judged by the steady clock, since a wall clock that is set would end a connection that lives. Bytes that wait in the socket are
 * read before.
 */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { agreedIntervalMs } from '../../heart-beat.ts'
import { lateTimer } from './late-timer.ts'
import type { IStompSocket } from './stompjs.ts'

export interface SilenceOptions {
  /** Its reader has set `onmessage` already. */
  readonly socket: Pick<IStompSocket, 'onmessage'>
  /** Between the heart-beats of the other side; 0 for none. */
  readonly intervalMs: number
  readonly clock: Clock
  readonly onSilent: () => void
}

/** @returns how to stop */
export function watchSilence({ socket, intervalMs, clock, onSilent }: SilenceOptions): () => void {
  if (intervalMs === 0) return () => {}
  const apart = (): number => clock.now() - clock.steady()
  let heardAt = clock.steady()
  /** After a sleep the steady clock may not have counted it: then the next heart-beat has to come. */
  let wokeAt: number | undefined
  let wasApart = apart()
  const read = socket.onmessage
  socket.onmessage = event => {
    heardAt = clock.steady()
    wokeAt = undefined
    read?.call(socket as IStompSocket, event)
  }
  const look = (): void => {
    const now = clock.steady()
    if (apart() - wasApart > 2 * intervalMs) wokeAt = now
    wasApart = apart()
    const isSilent = now - heardAt > 2 * intervalMs || (wokeAt !== undefined && now - wokeAt > intervalMs)
    if (isSilent) onSilent()
    else stop = lateTimer(wokeAt === undefined ? intervalMs : intervalMs * 1.5, clock, look)
  }
  let stop = lateTimer(intervalMs, clock, look)
  return () => stop()
}

/**
 * How often a side is to be heard; 0 for not at all.
 * @param wantedMs the least that this side asked for; 0 for none
 * @param offered the number of that side in CONNECTED: of `heart-beat` the first is the other's, the second ours
 */
export function agreedMs(wantedMs: number, offered = '', version = '1.0'): number {
  const theirs = Number.parseInt(offered, 10)
  return theirs > 0 && version !== '1.0' ? agreedIntervalMs(theirs, wantedMs) : 0
}

/** Why a link ends whose peer is silent. */
export const fellSilent = (address: string, intervalMs: number): DroverError =>
  new DroverError('connection_lost', `${address} sent nothing for over ${2 * intervalMs} ms`)

/** Sends ours, one an interval. @returns how to stop */
export function startBeats({
  socket,
  intervalMs,
  clock,
}: {
  readonly socket: Pick<IStompSocket, 'readyState' | 'send'>
  /** 0 for none. */
  readonly intervalMs: number
  readonly clock: Clock
}): () => void {
  if (intervalMs === 0) return () => {}
  const beat = (): void => {
    stop = clock.timer(intervalMs, beat)
    if (socket.readyState === 1) socket.send('\n')
  }
  let stop = clock.timer(intervalMs, beat)
  return () => stop()
}

/**
 * Answers heart-beats with one of our own, at most twice an interval: a hidden tab's timers may run once a minute, while a frame
 * that comes in is handled at once, so it keeps us alive.
 */
export function createBeatBack({
  socket,
  heartbeatMs,
  clock,
}: {
  readonly socket: Pick<IStompSocket, 'send'>
  readonly heartbeatMs: number
  readonly clock: Clock
}): () => void {
  let lastAt = Number.NEGATIVE_INFINITY
  return () => {
    if (heartbeatMs === 0 || clock.steady() - lastAt < heartbeatMs / 2) return
    lastAt = clock.steady()
    socket.send('\n')
  }
}
