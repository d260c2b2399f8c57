/** Requests for a token, and tokens of other minters, that are refused with a sentence that says why. Design section 4. */
import { decodeProtectedHeader, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { adas, ask, at, jobs, pages, secrets, start, verifyToken } from './narrow-testing.ts'

const long = (count: number): string[] => Array.from({ length: count }, (_, at) => `https://${at}.example`)
test.each<[unknown, RegExp]>([
  [{ uses: 0 }, /The uses is not as expected.*uses \(1 to 100\)/],
  [{ uses: 101 }, /uses \(1 to 100\)/],
  [{ uses: 1.5 }, /The uses/],
  [{ uses: '1' }, /The uses/],
  [{ uses: null }, /The uses/],
  [{ use: 1 }, /nothing else/],
  [{ Uses: 1 }, /nothing else/],
  [{ origins: ['https://a.example'] }, /nothing else/],
  [{ jti: 'x' }, /nothing else/],
  [{ from: 'x' }, /nothing else/],
  [JSON.parse('{"__proto__":{"uses":1}}'), /nothing else/],
  [{ constructor: {} }, /nothing else/],
  [{ origin: [] }, /The origin.*such as "https:\/\/shop.example"/],
  [{ origin: null }, /The origin/],
  [{ origin: 'null' }, /The origin/],
  [{ origin: {} }, /The origin/],
  [{ origin: 'https://shop.example/' }, /The origin/],
  [{ origin: 'https://Shop.example' }, /The origin/],
  [{ origin: 'https://shop.example:443' }, /The origin/],
  [{ origin: 'https://*.shop.example' }, /The origin/],
  [{ origin: '*' }, /The origin/],
  [{ origin: 'https://a.example,https://b.example' }, /The origin/],
  [{ origin: 'https://user@a.example' }, /The origin/],
  [{ origin: 'shop.example' }, /The origin/],
  [{ origin: 'file:///' }, /The origin/],
  [{ origin: [['https://a.example']] }, /The origin/],
  [{ origin: long(21) }, /The origin/],
  [{ origin: `https://${'a'.repeat(300)}.example` }, /The origin/],
  [{ job: 'a' }, /The job is not as expected/],
  [{ job: { task: 'a' } }, /The job.request_id/],
  [{ job: { task: 'a.>', request_id: jobs[0]!.request_id } }, /The job.task/],
  [{ job: { ...jobs[0], more: 1 } }, /The job/],
  [{ job: { task: 'a', request_id: 'x' } }, /The job.request_id/],
  [{ job: [jobs[0]] }, /The job/],
  [{ job: jobs[0], grants: { dispatch: ['a'] } }, /A token for one job has no grants/],
  [{ grants: { uses: 1 } }, /"uses" is no grant; it stands beside grants/],
  [{ grants: { job: jobs[0] } }, /"job" is no grant/],
])('a request for %j is refused, and says what was expected', async (body, message) => {
  expect(await ask(await adas(), body)).toMatchObject({
    code: 'message_invalid',
    message: expect.stringMatching(message),
  })
})

test('a request for more than there is says of what', async () => {
  const [page, other] = pages
  const bound = await adas({ origin: page })
  const link = await adas({ job: jobs[0] }, {})
  for (const [parent, body, origin, message] of [
    [bound, { origin: other }, page, /is not for pages of "https:\/\/b.example"/],
    [bound, { origin: [page, other] }, page, /not for pages of/],
    [bound, {}, other, /for pages of other origins, and this comes from "https:\/\/b.example"/],
    [bound, {}, undefined, /comes from no page: it has no Origin/],
    [bound, {}, 'null', /comes from "null"/],
    [link, { job: jobs[2] }, undefined, /is for another job/],
    [link, { job: jobs[3] }, undefined, /is for another job/],
    [link, { grants: { dispatch: ['a'] } }, undefined, /these grants are wider/],
    [await adas({ uses: 5 }), {}, undefined, /A token with uses opens sessions at \/stomp/],
    [
      await adas({}, { work: ['*'], observe: ['*'], operate: ['*'], workers: true }),
      { job: jobs[0] },
      undefined,
      /right to dispatch or broadcast/,
    ],
    [await adas({}, { dispatch: ['b'] }), { job: jobs[0] }, undefined, /right to dispatch or broadcast/],
  ] as const) {
    expect(await ask(parent, body, origin)).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(message),
    })
  }
})

test('a bound that a bridge does not know is refused, and an older bridge knows none of them', async () => {
  const token = await adas({ uses: 1, origin: pages[0] })
  expect(decodeProtectedHeader(token)).toMatchObject({ crit: ['drover'], drover: ['uses', 'origin'] })
  expect(decodeProtectedHeader(await adas())).not.toHaveProperty('crit')
  const jwt = new SignJWT({ sub: 'ada', exp: start / 1000 + 60, drover: { hours: [9, 17] } })
  jwt.setProtectedHeader({ alg: 'HS256', crit: ['drover'], drover: ['hours'] })
  const later = await jwt.sign(new TextEncoder().encode(secrets[0]), { crit: { drover: true } })
  await expect(verifyToken(later, undefined)).rejects.toThrow(/bounds that this bridge does not know/)
})

test.each([
  [{ uses: '1' }, /bounds do not fit: uses/],
  [{ uses: 1e9 }, /bounds do not fit: uses/],
  [{ uses: 1 }, /it has uses.*mint both/],
  [{ origin: [] }, /bounds do not fit: origin/],
  [{ origin: 'null' }, /bounds do not fit: origin/],
  [{ job: {} }, /bounds do not fit: job/],
  [{ from: 5 }, /its "from" is a number/],
  [{ from: 'https://gone.example' }, /identity provider that this bridge does not trust/],
])('a token of another minter with %j is refused', async (drover, message) => {
  at.now = start
  const jwt = new SignJWT({ sub: 'ada', exp: start / 1000 + 60, drover }).setProtectedHeader({ alg: 'HS256' })
  await expect(verifyToken(await jwt.sign(new TextEncoder().encode(secrets[0])), undefined)).rejects.toThrow(message)
})
