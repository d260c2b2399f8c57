import { startGround } from './harness.ts'
const [,, fixture, script, ...names] = process.argv
const ground = await startGround()
for (const colorScheme of ['light','dark'] as const) for (const width of [320,768,1440]) {
  const tab = await ground.open(fixture!, { colorScheme, width, height: 900 })
  try {
  await tab.page.waitForFunction(() => 'ground' in globalThis)
  await tab.page.evaluate(script!)
  await tab.page.waitForTimeout(400)
  await tab.page.screenshot({ path: `.test-results/p3-${fixture}-${names[0] ?? 'x'}-${colorScheme}-${width}.png` })
  if (width !== 768) await tab.expectAccessible()
  const sw = await tab.page.evaluate(() => document.documentElement.scrollWidth); if (sw > width) console.log('SCROLLS', width, sw)
  await tab[Symbol.asyncDispose]()
  } catch (e) { console.log(colorScheme, width, (e as Error).message.slice(0,900)) }
}
await ground[Symbol.asyncDispose]()
