import { expect, test } from 'vitest'

test('on a server the widgets are names: a renderer there writes their tags, and the browser does the rest', async () => {
  expect('document' in globalThis).toBe(false)
  const { DroverForm } = await import('./define.ts')
  expect(DroverForm).toBeTypeOf('function')
  const names = ['form', 'job', 'jobs', 'master', 'workers']
  const defined = names.filter(name => customElements.get(`drover-${name}`) !== undefined)
  expect(defined, 'a renderer of Lit would run code that is made for a browser').toEqual([])
})
