/** Escapes mean something else in each version. */
import { raw } from '../../../support/raw-session.ts'
import { type Hostile, own, queue, sendTo, subscribe } from './frame.ts'

export const escapesBehindNames: readonly Hostile[] = (['1.0', '1.1'] as const).flatMap(version =>
  ['\\c', '\\n', '\\r', '\\\\', '\\t', '\r'].flatMap(
    end =>
      [
        {
          what: `STOMP ${version}: SEND to a name with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: sendTo(`${queue}${end}`),
        },
        {
          what: `STOMP ${version}: SUBSCRIBE to a name with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: subscribe(`${own}${end}`),
        },
        {
          what: `STOMP ${version}: reply-to with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: raw('SEND', [`destination:${queue}`, `reply-to:${own}${end}`]),
        },
      ] as const,
  ),
)

export const escapesInFirst: readonly Hostile[] = ['\\n', '\\r', '\\c', '\\\\'].flatMap(found => [
  {
    what: `STOMP 1.0: ${found} in a value`,
    who: 'master' as const,
    version: '1.0' as const,
    frame: sendTo(queue, `own:a${found}b`),
  },
  {
    what: `STOMP 1.0: ${found} in a transaction`,
    who: 'master' as const,
    version: '1.0' as const,
    frame: raw('BEGIN', [`transaction:a${found}`]),
  },
])
