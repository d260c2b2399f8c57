import { expect, test } from 'vitest'
import { sealOf } from './seal.ts'

const baseURI = 'https://jobs.example/page/'
const given = (sealKeys: unknown) => () => sealOf({ seal: undefined, sealKeys: sealKeys as string, baseURI })

test('only a page without seal-keys sends in the open: one whose keys have no address seals nothing and sends nothing', () => {
  expect(given(undefined)()).toBeUndefined()
  expect(given(null)()).toBeUndefined()
  expect(given('../keys.json')()).toEqual({ keys: 'https://jobs.example/keys.json' })
  for (const empty of ['', '  ', '\n']) expect(given(empty)).toThrow(/^seal-keys is empty; expected the address/)
  expect(given('https://')).toThrow(/URL/)
})
