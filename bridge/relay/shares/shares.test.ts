/** The shares of owners and addresses: the speed of their messages, and that nothing of a share stays. */
import { describe, expect, test } from 'vitest'
import { seeded } from '../../../test/support/random.ts'
import { defaultLimits } from '../../limits.ts'
import type { SessionShare } from './session-share.ts'
import { Shares } from './shares.ts'

function makeShares(limits: Partial<typeof defaultLimits>) {
  const clock = { at: 5_000, steady: () => clock.at }
  return { clock, shares: new Shares({ ...defaultLimits, ...limits }, clock) }
}

describe('the speed of messages', () => {
  // 100 ms for a message, and 2 s of them at once
  const limits = { maxOwnerMessagesPerSecond: 10, burstMs: 2_000, maxSlowedMs: 30_000 }

  test('a burst is let through, one more waits as long as one takes, and time makes up for it', () => {
    const { clock, shares } = makeShares(limits)
    const share = shares.join('ada', '10.0.0.1')
    for (let sent = 0; sent < 20; sent++) expect(share.spend(1, 100)).toBeUndefined()
    const slowed = { limit: 'maxOwnerMessagesPerSecond', waitMs: 100, beforeMs: 0 }
    expect(share.spend(1, 100)).toEqual(slowed)
    expect(share.spend(1, 100), 'what was read before the pause').toEqual({ ...slowed, waitMs: 200, beforeMs: 100 })
    clock.at += 300
    expect(share.spend(1, 100)).toBeUndefined()
    expect(share.spend(1, 100)).toEqual(slowed)
    clock.at += 1e9
    for (let sent = 0; sent < 20; sent++) expect(share.spend(1, 100)).toBeUndefined()
    expect(share.spend(1, 100), 'no more than a burst is saved up').toEqual(slowed)
  })

  test('all sessions of an owner share it, and another owner has one of its own', () => {
    const { shares } = makeShares(limits)
    const [first, second, other] = ['ada', 'ada', 'bob'].map(owner => shares.join(owner, '10.0.0.1'))
    expect(first!.spend(20, 0)).toBeUndefined()
    expect(second!.spend(1, 0)).toMatchObject({ waitMs: 100 })
    expect(other!.spend(20, 0)).toBeUndefined()
  })

  test('an address has one too, of IPv6 the first half, and this machine has none', () => {
    const { shares } = makeShares({ maxAddressMessagesPerSecond: 10, maxAddressBytesPerSecond: 1_000 })
    const at = (address: string): SessionShare => shares.join(address, address)
    expect(at('2001:db8::1').spend(20, 2_000)).toBeUndefined()
    expect(at('2001:db8::2').spend(1, 1)).toMatchObject({ limit: 'maxAddressMessagesPerSecond', waitMs: 100 })
    expect(at('2001:db8::3').spend(0, 300)).toMatchObject({ limit: 'maxAddressBytesPerSecond', waitMs: 301 })
    expect(at('2001:db8:1::1').spend(20, 2_000)).toBeUndefined()
    for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(at(here).spend(10_000, 0)).toBeUndefined()
  })

  test('who would have to wait too long is ended instead, with the limit and the one whose it is', () => {
    const { shares } = makeShares({ ...limits, maxOwnerBytesPerSecond: 1_000 })
    const ada = shares.join('ada', '10.0.0.1')
    expect(ada.spend(320, 0)).toMatchObject({ waitMs: 30_000 })
    expect(ada.spend(1, 0)).toMatchObject({ waitMs: 30_100 })
    expect(ada.spend(1, 0)).toMatchObject({
      code: 'too_many_messages',
      limit: 'maxOwnerMessagesPerSecond',
      message:
        "Too many messages: ada would have to wait 30200 ms; one owner's limit is 10 messages a second (max_owner_messages_per_second); send fewer, and connect again later",
    })
    const bob = shares.join('bob', '10.0.0.1')
    expect(bob.spend(1, 4_000_000), 'a frame of any size may come').toMatchObject({ waitMs: 3_998_000 })
    expect(bob.spend(1, 1)).toMatchObject({
      message: expect.stringMatching(/^Too many bytes: bob .* 1000 bytes a second \(max_owner_bytes_per_second\)/),
    })
  })

  test('a new session of somebody who was slowed down brings no new burst, until all is made up for', () => {
    const { clock, shares } = makeShares(limits)
    const share = shares.join('ada', '10.0.0.1')
    expect(share.spend(30, 0)).toMatchObject({ waitMs: 1_000 })
    share.leave()
    const again = shares.join('ada', '10.0.0.1')
    expect(again.spend(1, 0)).toMatchObject({ waitMs: 1_100 })
    again.leave()
    clock.at += 3_000
    shares.sweep()
    expect(shares.size).toBe(1)
    clock.at += 100
    shares.sweep()
    expect(shares.size).toBe(0)
  })
})

test('whatever sessions do, nothing of them stays once they have ended', () => {
  const kinds = ['subscriptions', 'replyQueues', 'transactions', 'transactionBytes'] as const
  const owners = ['ada', 'bob', 'eve']
  const addresses = ['10.0.0.1', '10.0.0.2', '2001:db8::1']
  const most = 8
  let refusals = 0
  for (let seed = 1; seed <= 200; seed++) {
    const { whole, pick } = seeded(seed)
    const { clock, shares } = makeShares({
      maxOwnerSessions: 5,
      maxAddressSessions: 5,
      maxOwnerSubscriptions: most,
      maxAddressSubscriptions: most,
      maxOwnerReplyQueues: most,
      maxAddressReplyQueues: most,
      maxOwnerTransactions: most,
      maxAddressTransactions: most,
      maxOwnerTransactionBytes: most,
      maxAddressTransactionBytes: most,
      maxOwnerMessagesPerSecond: 10,
    })
    // They stay, and can tell at the end whether there is room again
    const ofOwners = owners.map(owner => shares.join(owner, '127.0.0.1'))
    const ofAddresses = addresses.map(address => shares.join(`at ${address}`, address))
    const open: { share: SessionShare; has: Record<(typeof kinds)[number], number> }[] = []
    const none = {
      share: ofOwners[0]!,
      has: { subscriptions: 0, replyQueues: 0, transactions: 0, transactionBytes: 0 },
    }
    const any = () => (open.length === 0 ? none : pick(open))
    const tries: (() => void)[] = [
      () => {
        const share = shares.join(pick(owners), pick(['127.0.0.1', ...addresses]))
        open.push({ share, has: { ...none.has } })
      },
      () => open.splice(whole(0, open.length), 1)[0]?.share.leave(),
      () => {
        const [{ share, has }, kind, count] = [any(), pick(kinds), whole(1, 3)]
        if (share === none.share) return
        share.take(kind, count)
        has[kind] += count
      },
      () => {
        const [{ share, has }, kind] = [any(), pick(kinds)]
        if (has[kind] === 0) return
        share.give(kind, 1)
        has[kind]--
      },
      () => {
        const [to, from] = [any(), any()]
        if (from.has.replyQueues === 0) return
        to.share.takeFrom(from.share, 'replyQueues')
        to.has.replyQueues++
        from.has.replyQueues--
      },
      () => void any().share.spend(whole(0, 5), whole(0, 1_000)),
      () => {
        clock.at += whole(0, 300)
        shares.sweep()
      },
    ]
    for (let step = 0; step < 400; step++) {
      try {
        pick(tries)()
      } catch (error) {
        expect(error).toMatchObject({ code: 'queue_full' })
        refusals++
      }
    }
    for (const { share } of open) share.leave()
    expect(shares.sessions).toBe(6)
    for (const share of [...ofOwners, ...ofAddresses]) {
      for (const kind of kinds) {
        share.take(kind, most)
        expect(() => share.take(kind, 1), `${kind} of seed ${seed}`).toThrow('No room')
      }
      share.leave()
    }
    clock.at += 1e6
    shares.sweep()
    expect([shares.size, shares.sessions]).toEqual([0, 0])
  }
  expect(refusals, 'limits that were reached').toBeGreaterThan(1_000)
})
