/** A connection for unit tests: what was sent is kept, and the test says how each send ends. */
import { DroverError } from '../shared/contract/mod.ts'
import { classic, type Outgoing, type Session, type Stomp, type StompState } from '../shared/stomp/mod.ts'

export interface FakeStomp extends Stomp {
  /** Every send that went through, in order. */
  readonly sent: Outgoing[]
  /** What the next confirmed sends do; when it is empty they succeed. */
  readonly fates: (Error | undefined)[]
  become(state: StompState): void
}

const fakeSession: Session = {
  dialect: classic,
  owner: 'foo',
  namespace: 'myapp',
  bridged: false,
}

/** Makes one that is open. */
export function fakeStomp(): FakeStomp {
  const sent: Outgoing[] = []
  const fates: (Error | undefined)[] = []
  const listeners = new Set<(state: StompState) => void>()
  let state: StompState = { at: 'open', session: fakeSession }
  const confirmed = async (messages: readonly Outgoing[]): Promise<void> => {
    if (state.at !== 'open') throw new DroverError('connection_lost', 'There is no connection at present')
    const fate = fates.shift()
    if (fate !== undefined) throw fate
    sent.push(...messages)
  }
  return {
    sent,
    fates,
    become(next) {
      state = next
      for (const listener of listeners) listener(next)
    },
    get state() {
      return state
    },
    onState(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    opened: async () => fakeSession,
    publish: message => confirmed([message]),
    publishUnconfirmed: message => void (state.at === 'open' && sent.push(message)),
    subscribe: () => ({ ready: Promise.resolve(), unsubscribe: async () => {} }),
    transaction(fill) {
      const messages: Outgoing[] = []
      fill({ publish: message => void messages.push(message) })
      return confirmed(messages)
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
