/** docs/widgets.md, as text. */
import type { Attribute, Declaration, Manifest, Member } from './manifest.ts'
import type { Token } from './tokens.ts'

/** An example a widget, as a page writes it. */
const examples: Readonly<Record<string, string>> = {
  'drover-master': `<drover-master url="wss://jobs.example/stomp" token-url="/my-own-token">
  <drover-form task="image.thumbnail"></drover-form>
  <drover-jobs></drover-jobs>
</drover-master>`,
  'drover-form': `<drover-form task="image.thumbnail" submit-label="Make it small">
  <h2 slot="heading">New thumbnail</h2>
</drover-form>`,
  'drover-jobs': '<drover-jobs task="image.thumbnail" show="running"></drover-jobs>',
  'drover-job': '<drover-job request-id="3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11" show="log"></drover-job>',
  'drover-dead': '<drover-dead task="image.*"></drover-dead>',
  'drover-workers': '<drover-workers task="image.thumbnail"></drover-workers>',
}
/** In the order in which a person meets them. */
const order = Object.keys(examples)
/** The members that Lit and the browser give every element. */
const notOurs = new Set(['properties', 'styles', 'connectedCallback', 'disconnectedCallback', 'focus'])

/**
 * @param aliases the types that names stand for
 * @throws {Error} when a widget has no example here
 */
export function widgetsPage(
  manifest: Manifest,
  tokens: readonly Token[],
  aliases: ReadonlyMap<string, string> = new Map(),
): string {
  const said = (type: string | undefined): string =>
    code(type?.replace(/\b[A-Z]\w+\b/g, name => aliases.get(name) ?? name).replace(/ \| undefined$/, ''))
  const declarations = manifest.modules.flatMap(module => module.declarations)
  const widgets = declarations.filter(({ tagName }) => tagName !== undefined)
  for (const { tagName } of widgets) {
    if (!order.includes(tagName!)) throw new Error(`<${tagName}> has no example in scripts/docs/widgets-page.ts`)
  }
  widgets.sort((a, b) => order.indexOf(a.tagName!) - order.indexOf(b.tagName!))
  const events = declarations.filter(({ name }) => name.endsWith('Event'))
  return `${[
    head(widgets),
    ...widgets.map(widget => section(widget, declarations, said)),
    eventSection(events, said),
    tokenSection(tokens),
  ].join('\n\n')}\n`
}

const head = (widgets: readonly Declaration[]): string => `# Widgets

<!-- Made by \`node scripts/docs/widgets.ts\` from the comments in browser/. Change those. -->

${widgets.map(({ tagName }) => `[\`<${tagName}>\`](#${tagName})`).join(' ·\n')} ·
[Events](#events) · [Tokens](#tokens)

\`\`\`html
<script type="module" src="https://jobs.example/drover.js"></script>
\`\`\`

defines each widget once its tag is in the page, and fetches from the bridge what that one needs. It looks into no shadow root
of yours until it is given it: \`const { discover } = await import('https://jobs.example/drover.js')\`, then
\`await discover(root)\`, which resolves once the widgets in it are defined. A widget is not seen before. \`/drover.all.js\`
defines them all at once, in one file. With a bundler: \`import 'drover/widgets/define'\`, or the classes alone from
\`drover/widgets\`. On a server both can be imported: a page that is rendered there has the tags as they are, and the browser
fills them.

Attributes, properties and listeners that are set on a tag before its widget is defined count as well. React and Vue 3 write an
object as text while the widget is not defined, which the console then tells, and lose a function. React 18 always does so. So
set these by a \`ref\` in React 18 and 19, and as \`.schema="…"\` in Vue 3. React 19 and Vue 3 set them by themselves where the
page has \`/drover.all.js\` before they render; React does not where it hydrates. Listeners are \`ondrover-dispatch\` in React 19
and \`@drover-dispatch\` in Vue 3; React 18 needs \`addEventListener\` by a \`ref\`.

A widget finds its master in the \`<drover-master>\` that it stands in, else in the one whose id its attribute \`for\` names, else
in its property \`master\`. Fonts come from the page, and light or dark from its \`color-scheme\`: a dark page says
\`color-scheme: dark\`. Without, widgets are light, on a light surface of their own. Colours and spacing from [tokens](#tokens);
every piece has a \`::part\`. A strict page allows the bridge's whole origin in \`script-src\`, the bridge in \`connect-src\` (as
\`wss:\`; as \`https:\` too, the page can say when its origin is not on the bridge's list), \`img-src data:\` for pictures in
results, and \`trusted-types lit-html\`.`

type Said = (type: string | undefined) => string

function section(widget: Declaration, all: readonly Declaration[], said: Said): string {
  const tag = widget.tagName!
  const base = all.find(({ name }) => name === widget.superclass?.name)
  const members = ownAndInherited<Member>(widget.members, base?.members)
  const fields = members.filter(one => one.kind === 'field' && one.static !== true && !isOurs(one))
  const methods = members.filter(one => one.kind === 'method' && one.static !== true && !isOurs(one))
  const attributes = ownAndInherited<Attribute>(widget.attributes, base?.attributes)
  return [
    `## ${tag}`,
    widget.description ?? '',
    `\`\`\`html\n${examples[tag]}\n\`\`\``,
    table('Attributes', ['Attribute', 'Type', 'Meaning'], rowsOfAttributes(attributes, fields, said)),
    table(
      'Properties',
      ['Property', 'Type', 'Meaning'],
      fields.map(field => [
        code(field.name),
        said(field.type?.text),
        [field.description, field.readonly === true ? 'Read only.' : ''].filter(Boolean).join(' '),
      ]),
    ),
    table(
      'Methods',
      ['Method', 'Meaning'],
      methods.map(({ name, parameters = [], description }) => [
        code(`${name}(${parameters.map(one => one.name).join(', ')})`),
        description,
      ]),
    ),
    table(
      'Events',
      ['Event', 'When'],
      widget.events?.map(({ name, description }) => [`[\`${name}\`](#${name}-event)`, description]),
    ),
    table(
      'Slots',
      ['Slot', 'Content'],
      widget.slots?.map(({ name, description }) => [name === '' ? 'default' : code(name), description]),
    ),
    table(
      'Parts',
      ['Part', 'Element'],
      widget.cssParts?.map(({ name, description }) => [code(name), description]),
    ),
    table(
      'Own tokens',
      ['Token', 'Default', 'Meaning'],
      widget.cssProperties?.map(one => [code(one.name), code(one.default), one.description]),
    ),
  ]
    .filter(Boolean)
    .join('\n\n')
}

const isOurs = ({ name, description }: Member): boolean => notOurs.has(name) && description === undefined

function ownAndInherited<T extends { readonly name: string }>(own: readonly T[] = [], base: readonly T[] = []): T[] {
  const names = new Set(own.map(({ name }) => name))
  return [...own, ...base.filter(({ name }) => !names.has(name))]
}

/** The meaning of an attribute is said at its property, unless it says more itself. */
function rowsOfAttributes(
  attributes: readonly Attribute[],
  fields: readonly Member[],
  said: Said,
): (string | undefined)[][] {
  return attributes.map(one => {
    const field = fields.find(({ name, attribute }) => attribute === one.name || name === one.fieldName)
    return [code(one.name), said(one.type?.text ?? field?.type?.text), one.description ?? field?.description]
  })
}

const eventSection = (events: readonly Declaration[], said: Said): string =>
  [
    '## Events',
    'They bubble, and leave shadow trees. In TypeScript their types are known to `addEventListener` once `drover/widgets` is imported.',
    ...events.map(({ name, description, members = [] }) => {
      const type = name
        .replace(/Event$/, '')
        .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
        .toLowerCase()
      const fields = members.filter(one => one.kind === 'field' && one.static !== true)
      return `### ${type} event\n\n${description ?? ''}\n\n${table(
        '',
        ['Field', 'Type', 'Meaning'],
        fields.map(one => [code(one.name), said(one.type?.text), one.description]),
      )}`
    }),
  ].join('\n\n')

const tokenSection = (tokens: readonly Token[]): string => `## Tokens

Set them wherever you like, on \`:root\` or on one widget. Each pair of text and surface below has a contrast of at least 4.5.

${table(
  '',
  ['Token', 'Light', 'Dark'],
  tokens.map(({ name, light, dark }) => [code(name), value(light), dark === light ? '' : value(dark)]),
)}`

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly (string | undefined)[])[] = [],
): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly (string | undefined)[]): string =>
    `| ${cells.map(cell => (cell ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|').trim()).join(' | ')} |`
  // A column that says nothing in any row is left out.
  const kept = heads.map((_, at) => at === 0 || rows.some(row => (row[at] ?? '') !== ''))
  const pick = <T>(cells: readonly T[]): T[] => cells.filter((_, at) => kept[at])
  return [
    ...(title === '' ? [] : [`### ${title}`, '']),
    line(pick(heads)),
    line(pick(heads).map(() => '---')),
    ...rows.map(row => line(pick(heads.map((_, at) => row[at])))),
  ].join('\n')
}

const code = (text: string | undefined): string => (text === undefined || text === '' ? '' : `\`${text}\``)

const value = (text: string): string => (text.startsWith('as ') ? `as \`${text.slice(3)}\`` : code(text))
