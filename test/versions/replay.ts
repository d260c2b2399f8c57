/** A recorded part sends its frames again, on a connection of today. */
import { openRaw, type RawStomp } from '../support/raw-stomp.ts'
import type { Recording } from './frames.ts'

const decoder = new TextDecoder()

/** Bodies of SENDs, as JSON, with their destinations. */
export interface Sent {
  /** The frame, NUL included. */
  readonly text: string
  readonly destination: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Frames that a part said in a scenario, with their NUL. */
export function said(recording: Recording, scenario: string, who: string, command: string): string[] {
  const frames = recording.get(scenario)
  if (frames === undefined) throw new Error(`Nothing was recorded of "${scenario}"`)
  return frames
    .filter(told => told.who === who && told.way === 'says')
    .map(({ bytes }) => decoder.decode(bytes))
    .filter(text => text.startsWith(`${command}\n`))
}

/** The frames that a part sent in a scenario, by their destination. */
export function sent(recording: Recording, scenario: string, who: string, to: RegExp): Sent[] {
  return said(recording, scenario, who, 'SEND')
    .map(text => ({
      text,
      destination: /^destination:(.*)$/m.exec(text)?.[1] ?? '',
      body: JSON.parse(text.slice(text.indexOf('\n\n') + 2, -1)) as Record<string, unknown>,
    }))
    .filter(({ destination }) => to.test(destination))
}

/**
 * A recorded frame as it would be today: in another namespace, by today's clock, outside of its transaction, and with the
 * given changes in its head.
 * @param changes headers by name
 */
export function today(text: string, namespace: string, changes: Readonly<Record<string, string>> = {}): string {
  const end = text.indexOf('\n\n')
  let head = text
    .slice(0, end)
    .replace(
      /^((?:destination|reply-to):\/(?:amq\/)?(?:queue|topic)\/)myapp\./gm,
      (_, start: string) => `${start}${namespace}.`,
    )
    .replace(/^expires:\d+$/m, `expires:${Date.now() + 600_000}`)
    .replace(/^transaction:.*\n/m, '')
  for (const [name, value] of Object.entries(changes))
    head = head.replace(new RegExp(`^${name}:.*$`, 'm'), `${name}:${value}`)
  return head + text.slice(end)
}

/**
 * Connects and subscribes as a part did.
 * @param token in place of the recorded one
 */
export async function connectAs(
  who: string,
  recording: Recording,
  url: string,
  namespace: string,
  token?: string,
): Promise<RawStomp> {
  const stomp = await openRaw(url)
  const [connect = ''] = said(recording, 'start', who, 'CONNECT')
  // Its heart-beats are not sent again
  stomp.sendBytes(
    today(connect, namespace, { 'heart-beat': '0,0', ...(token === undefined ? {} : { passcode: token }) }),
  )
  await stomp.next('CONNECTED')
  for (const subscribe of said(recording, 'start', who, 'SUBSCRIBE')) {
    const receipt = /^receipt:(.*)$/m.exec(subscribe)?.[1] ?? ''
    stomp.sendBytes(today(subscribe, namespace))
    await stomp.next({ command: 'RECEIPT', headers: { 'receipt-id': receipt } })
  }
  return stomp
}

/** Who said it and when is another each time. */
export function withoutTimes(bodies: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  const order = ({ attempt, seq }: Readonly<Record<string, unknown>>): number => Number(attempt) * 1000 + Number(seq)
  return bodies
    .toSorted((a, b) => order(a) - order(b))
    .map(({ worker_id: _, at: _at, took_ms: _took, next_at: _next, ...said }) => said)
}
