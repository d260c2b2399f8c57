import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { copied, forContributors, publishedDenoConfig, publishedPackage } from './package.ts'

test('the published package leads to JavaScript and declarations, and holds nothing of the checkout', () => {
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
    exports: {
      './worker': {
        deno: { types: './worker/deno.d.ts', default: './worker/deno.js' },
        default: { types: './worker/node.d.ts', default: './worker/node.js' },
      },
      './package.json': './package.json',
      './drover.js': './widgets/drover.js',
      './drover.all.js': './widgets/drover.all.js',
      './custom-elements.json': './custom-elements.json',
    },
    bin: { drover: './cli/main.js' },
    customElements: './custom-elements.json',
  })
})

test('Deno finds the published package by the same names', () => {
  expect(publishedDenoConfig({ imports: { 'drover/worker': './worker/deno.ts', vitest: 'npm:vitest@5.1.1' } })).toEqual(
    {
      nodeModulesDir: 'manual',
      lock: false,
      imports: { 'drover/worker': './worker/deno.js' },
    },
  )
})

test('the published package has all files that its README and its docs link to', () => {
  const docs = readdirSync('docs').flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : []))
  const pages = ['README.md', ...docs.filter(page => !forContributors.includes(page))]
  const links = pages.flatMap(page => {
    const found = readFileSync(page, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)|(?:src|srcset)="([^"]+)"/g)
    return [...found].map(([, link, picture]) => ({ page, to: link ?? picture! })).filter(({ to }) => !/^\w+:/.test(to))
  })
  expect(links.length).toBeGreaterThan(10)
  for (const { page, to } of links) {
    const path = posix.join(posix.dirname(page), to)
    expect(existsSync(path), `${page} links to ${path}`).toBe(true)
    expect(
      copied.some(one => path === one || path.startsWith(`${one}/`)) && !forContributors.includes(path),
      `${path} of ${page} is published`,
    ).toBe(true)
  }
})
