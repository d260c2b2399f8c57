/** Links of the pages, to other pages and to their sections. */
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryFiles } from './imports.ts'

const pages = repositoryFiles().filter(path => path.endsWith('.md') && !path.startsWith('test/'))

/** As GitHub makes them of a heading; a second one of the same words has a number. */
function anchorsOf(path: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const prose = readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  for (const [, heading = ''] of prose.matchAll(/^#+ (.*)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
    const count = [...anchors].filter(one => one.replace(/-\d+$/, '') === anchor).length
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return anchors
}

test.each(pages)('%s links to sections that there are', path => {
  const links = readFileSync(path, 'utf8').matchAll(/\]\(([^)\s:#]*\.md)?#([^)\s]+)\)/g)
  const broken = [...links].flatMap(([link, to, anchor = '']) => {
    const page = to === undefined ? path : posix.join(posix.dirname(path), to)
    return pages.includes(page) && anchorsOf(page).has(anchor) ? [] : [link]
  })
  expect(broken).toEqual([])
})
