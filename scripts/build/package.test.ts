import { expect, test } from 'vitest'
import { publishedDenoConfig, publishedPackage } from './package.ts'

test('what is published leads to JavaScript and declarations, and holds nothing of the checkout', () => {
  const published = publishedPackage({
    name: 'drover',
    private: true,
    scripts: { test: 'x' },
    devDependencies: { vite: '8' },
    dependencies: { lit: '3' },
    sideEffects: ['./browser/*/define.ts'],
    exports: {
      './worker': { deno: './worker/deno.ts', default: './worker/node.ts' },
      './package.json': './package.json',
    },
    bin: { drover: './cli/main.ts' },
  })
  expect(published).toEqual({
    name: 'drover',
    dependencies: { lit: '3' },
    sideEffects: ['./browser/*/define.js'],
    engines: { node: '>=22' },
    exports: {
      './worker': {
        deno: { types: './worker/deno.d.ts', default: './worker/deno.js' },
        default: { types: './worker/node.d.ts', default: './worker/node.js' },
      },
      './package.json': './package.json',
      './drover.js': './drover.js',
      './custom-elements.json': './custom-elements.json',
    },
    bin: { drover: './cli/main.js' },
    customElements: './custom-elements.json',
  })
})

test('Deno finds what is published by the same names', () => {
  expect(publishedDenoConfig({ imports: { 'drover/worker': './worker/deno.ts', vitest: 'npm:vitest@5.1.1' } })).toEqual(
    {
      nodeModulesDir: 'manual',
      lock: false,
      imports: { 'drover/worker': './worker/deno.js' },
    },
  )
})
