/**
 * `npm run pictures`: the page and each widget and state, in both themes at three widths, to look at in
 * .test-results/pictures/index.html; and the README's picture, docs/pictures/page-*.png.
 *
 *     npm run pictures -- page-job jobs     only those
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { type Harness, startHarness } from '../harness.ts'
import { pageScenes, startPageTestBed } from './page.ts'
import type { Scene } from './scene.ts'
import { sealedScenes } from './sealed.ts'
import { widgetScenes } from './widgets.ts'

const folder = '.test-results/pictures'
const readmeFolder = 'docs/pictures'
const readmeScene = 'page-job'
const widths = [320, 768, 1440] as const
const themes = ['light', 'dark'] as const
type Theme = (typeof themes)[number]
const heights: Readonly<Record<number, number>> = { 320: 640, 768: 900, 1440: 860 }

/** Set once; the window and the theme then change under it. */
async function take(harness: Harness, scene: Scene): Promise<void> {
  const height = heights[1440] ?? 900
  await using tab = await harness.open(scene.where, {
    width: 1440,
    height,
    reducedMotion: true,
    allow: /status of 401/,
  })
  const { page } = tab
  await scene.set?.(page)
  for (const colorScheme of themes) {
    for (const width of widths) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: heights[width] ?? height })
      await page.waitForTimeout(250) // elements that a new width moves settle
      const name = `${scene.name}-${width}-${colorScheme}.png`
      await page.screenshot({ path: `${folder}/${name}`, fullPage: scene.isWindow !== true || width < 900 })
      console.log(name)
    }
  }
  await scene.end?.(page)
}

/** Small enough for a README: fewer colours, each pixel kept. */
async function makeReadmePicture(theme: Theme): Promise<void> {
  const picture = sharp(`${folder}/${readmeScene}-1440-${theme}.png`)
  const { size } = await picture
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(`${readmeFolder}/page-${theme}.png`)
  if (size > 200_000) throw new Error(`docs/pictures/page-${theme}.png has ${size} bytes; at most 200 000`)
}

async function writeGallery(): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.png')).sort()
  const figures = names.map(
    name => `<figure><img loading="lazy" src="${name}" alt=""><figcaption>${name}</figcaption></figure>`,
  )
  const style =
    'body{font:14px system-ui;background:#888}figure{display:inline-block;vertical-align:top;margin:8px}img{max-width:90vw}'
  await writeFile(
    `${folder}/index.html`,
    `<!doctype html><title>Pictures</title><style>${style}</style>${figures.join('\n')}`,
  )
}

const wanted = process.argv.slice(2)
await refreshBrowser(process.cwd())
await mkdir(folder, { recursive: true })
await mkdir(readmeFolder, { recursive: true })
await using harness = await startHarness()
await using bridges = await startPageTestBed()
const scenes = [...widgetScenes, ...sealedScenes, ...pageScenes(bridges.busy, bridges.lonely)].filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
)
for (const scene of scenes) {
  try {
    await take(harness, scene)
  } catch (error) {
    process.exitCode = 1
    console.error(`${scene.name}: ${(error as Error).message}`)
  }
}
if (scenes.some(({ name }) => name === readmeScene)) await Promise.all(themes.map(makeReadmePicture))
await writeGallery()
