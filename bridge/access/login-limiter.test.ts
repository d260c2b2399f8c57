import { expect, test } from 'vitest'
import { LoginLimiter, networkOf } from './login-limiter.ts'

test('wrong passwords make waits that grow, for one login alone, and a right one ends them', async () => {
  let now = 1_000_000
  const attempts = new LoginLimiter(() => now, ['foo'], 1)
  const wrong = (login = 'foo', address = '10.0.0.1') => attempts.run(login, address, async () => false)
  const waits: number[] = []
  for (let tries = 0; tries < 5; tries++) expect(await wrong()).toBe(false)
  for (let round = 0; round < 8; round++) {
    const started = now
    for (;;) {
      const refused = await wrong().then(
        () => false,
        () => true,
      )
      if (!refused) break
      now += 500
    }
    waits.push(now - started)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  await expect(wrong()).rejects.toMatchObject({ code: 'too_many_attempts' })
  await expect(wrong('foo', '10.0.0.2')).rejects.toThrow(/wait 60 s/)
  expect(await wrong('other')).toBe(false)
  now += 60_000
  expect(await attempts.run('foo', '10.0.0.1', async () => true)).toBe(true)
  for (let tries = 0; tries < 4; tries++) expect(await wrong()).toBe(false)
})

test('other users come and go, and who stays keeps the waits', async () => {
  const attempts = new LoginLimiter(() => 0, ['foo', 'ada'], 1)
  const late = (login: string) => attempts.run(login, 'a', async () => false).catch(({ code }) => code)
  for (let tries = 0; tries < 5; tries++) for (const login of ['foo', 'ada']) await late(login)
  attempts.setLogins(['ada', 'bob'])
  expect(await late('ada')).toBe('too_many_attempts')
  for (const login of ['foo', 'bob']) expect(await late(login)).toBe(false)
})

test('tries that take no time count with the others', async () => {
  const attempts = new LoginLimiter(() => 0, ['foo'], 1)
  for (let tries = 0; tries < 4; tries++) expect(attempts.runNow('foo', 'a', () => false)).toBe(false)
  expect(attempts.runNow('foo', 'a', () => true)).toBe(true)
  for (let tries = 0; tries < 4; tries++) expect(attempts.runNow('foo', 'a', () => false)).toBe(false)
  expect(await attempts.run('foo', 'a', async () => false)).toBe(false)
  const late = (): boolean => attempts.runNow('foo', 'a', () => true)
  expect(late).toThrow(expect.objectContaining({ code: 'too_many_attempts' }))
})

test('no address, spelling or crowd of other logins buys tries at a login, nor makes who signed in before wait', async () => {
  let now = 1_000_000
  const attempts = new LoginLimiter(() => now, ['foo', 'ada'], 1)
  expect(await attempts.run('foo', '10.1.1.1', async () => true)).toBe(true)
  expect(await attempts.run('foo', '2001:db8:0:7::1', async () => true)).toBe(true)
  let made = 0
  const guess = (login: string, address: string) =>
    attempts
      .run(login, address, async () => {
        if (login === 'foo') made++
        return false
      })
      .catch(() => undefined)
  for (let at = 0; at < 100; at++) await guess('foo', `10.0.${at}.1`)
  for (let at = 0; at < 100; at++) await guess('foo', `2001:db8::${at.toString(16)}`)
  for (const login of ['Foo', ' foo', 'foo ', 'FOO', 'foo\u0000', 'fo\u200bo']) await guess(login, '10.0.0.1')
  for (let at = 0; at < 20_000; at++) await guess(`junk ${at}`, '10.0.0.1')
  await guess('foo', '10.0.0.1')
  expect(made).toBe(5)
  for (const address of ['10.1.1.1', '::ffff:10.1.1.1', '2001:0db8:0000:0007::2'])
    expect(await attempts.run('foo', address, async () => true), address).toBe(true)
  expect(await attempts.run('ada', '10.0.0.1', async () => true)).toBe(true)
  // A stranger with the right password waits a minute at most
  for (let round = 0; round < 20; round++) {
    now += 60_000
    await guess('foo', '10.0.0.1')
  }
  await expect(attempts.run('foo', '10.0.0.9', async () => true)).rejects.toThrow(/wait 60 s/)
  now += 60_000
  expect(await attempts.run('foo', '10.0.0.9', async () => true)).toBe(true)
})

test('many tries at once are no way round, and many right ones all come in', async () => {
  const attempts = new LoginLimiter(() => 0, ['foo'], 1)
  let made = 0
  const tries = Array.from({ length: 60 }, (_, at) =>
    attempts.run('foo', `10.0.${at % 6}.1`, async () => {
      made++
      return Promise.resolve(false)
    }),
  )
  const settled = await Promise.allSettled(tries)
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(55)
  expect(made).toBe(5)
  const broadcast = new LoginLimiter(() => 0, ['foo'], 1)
  const workers = Array.from({ length: 60 }, (_, at) => broadcast.run('foo', `10.0.${at}.1`, async () => true))
  expect(await Promise.all(workers)).toEqual(Array(60).fill(true))
})

test('one address cannot keep others from their turns by trying many logins', async () => {
  const attempts = new LoginLimiter(() => 0, ['foo'], 1)
  const gate = Promise.withResolvers<boolean>()
  const tries = Array.from({ length: 130 }, (_, login) => attempts.run(`l${login}`, 'a', () => gate.promise))
  const refused = Promise.allSettled(tries).then(all => all.filter(({ status }) => status === 'rejected').length)
  expect(await attempts.run('foo', 'b', async () => true)).toBe(true)
  gate.resolve(false)
  expect(await refused).toBe(110)
  expect(await attempts.run('foo', 'a', async () => true)).toBe(true)
})

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0::'],
  ['2001:db8::1', '2001:db8:0:0::'],
  ['2001:0DB8:0:0:1:2:3:4', '2001:db8:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0:0::'],
  ['2001:db8:1:2::', '2001:db8:1:2::'],
])('%s is counted as %s', (address, place) => expect(networkOf(address)).toBe(place))
