/**
 * `/drover.js`: defines each widget once its tag is there, and fetches the modules of that one alone. Until then the tag is not
 * seen, and keeps all that is set on it: properties and listeners count from the start.
 */
import { defineOnce } from './define-once.ts'

type Tag = `drover-${string}`

/** Where the class of each tag is. */
const classes: Readonly<Record<Tag, () => Promise<CustomElementConstructor>>> = {
  'drover-master': async () => (await import('./master/master.ts')).DroverMaster,
  'drover-jobs': async () => (await import('./jobs/jobs.ts')).DroverJobs,
  'drover-workers': async () => (await import('./workers/workers.ts')).DroverWorkers,
  'drover-dead': async () => (await import('./dead/dead.ts')).DroverDead,
  'drover-job': async () => (await import('./job/job.ts')).DroverJob,
  'drover-form': async () => (await import('./form/form.ts')).DroverForm,
}
const master = 'drover-master'

const tags = Object.keys(classes)
const all: string = tags.join()
/** Of each that has been seen. */
const underWay = new Map<Tag, Promise<void>>()
const watched = new WeakSet<Node>()

const observer = new MutationObserver(changes => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      // Nobody waits for it; a failure has been told
      if (node instanceof Element) defineIn(node).catch(() => {})
    }
  }
})

/** A constructed sheet is no inline style: a strict page allows it without being asked. */
const concealing = new CSSStyleSheet()
/** The content of a master is the page's, and is seen; it stands where it will stand. */
concealing.replaceSync(`:where(${master}:not(:defined,[hidden])){display:flex;flex-direction:column;gap:var(--drover-gap,calc(var(--drover-space,4px)*4));line-height:1.5}
:where(:is(${all}):not(:defined,[hidden],${master})){display:block;visibility:hidden}`)

/**
 * Defines the widgets whose tags are in a tree, and from then on those that are put into it. The document is watched without being
 * asked for. A shadow root has to be given, and so has a tree that is in no document yet.
 * @returns resolves once all that are there now are defined
 * @throws where the modules of one cannot be fetched
 */
export async function discover(root: Document | DocumentFragment | Element): Promise<void> {
  if (!watched.has(root)) {
    watched.add(root)
    observer.observe(root, { childList: true, subtree: true })
    const around = root.getRootNode()
    if (around instanceof Document || around instanceof ShadowRoot) conceal(around)
  }
  await defineIn(root)
}

function conceal(root: DocumentOrShadowRoot): void {
  if (!root.adoptedStyleSheets.includes(concealing)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, concealing]
}

async function defineIn(root: ParentNode): Promise<void> {
  const elements = [...root.querySelectorAll(all)]
  if (root instanceof Element && root.localName in classes) elements.push(root)
  const missing = new Set(elements.map(({ localName }) => localName as Tag).filter(tag => !customElements.get(tag)))
  await Promise.all(Array.from(missing, define))
}

function define(tag: Tag): Promise<void> {
  const known = underWay.get(tag)
  if (known) return known
  const defining = fetchAndDefine(tag)
  underWay.set(tag, defining)
  return defining
}

async function fetchAndDefine(tag: Tag): Promise<void> {
  try {
    defineOnce(tag, await classes[tag]!())
    if (tags.every(it => customElements.get(it))) observer.disconnect() // nothing is to come any more
  } catch (cause) {
    concealing.replaceSync('') // the content that the page has put into it is better seen than not
    const error = new Error(
      `Cannot load <${tag}>: reload the page, and see that its policy allows ${import.meta.url}`,
      { cause },
    )
    console.error(error)
    throw error
  }
}

discover(document).catch(() => {})
