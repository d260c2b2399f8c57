/**
 * What `npm run manifest` reads: the widgets, what they inherit, and their events. It writes dist/custom-elements.json,
 * for editors and for docs/widgets.md, and leaves out what is nobody else's business.
 */
export default {
  globs: [
    'browser/{dead,form,job,jobs,master,workers}/{dead,form,job,jobs,master,workers}.ts',
    'browser/element.ts',
    'browser/events.ts',
  ],
  outdir: 'dist',
  // Where it lies is said by the package.json of what is published
  packagejson: false,
  litelement: true,
  plugins: [
    {
      name: 'public-only',
      packageLinkPhase({ customElementsManifest }) {
        customElementsManifest.modules.sort((a, b) => (a.path < b.path ? -1 : 1))
        for (const { declarations } of customElementsManifest.modules) {
          for (const declaration of declarations) {
            declaration.members = declaration.members?.filter(({ privacy = 'public' }) => privacy === 'public')
            // The analyzer takes what is given to an event's constructor for its name.
            declaration.events = declaration.events?.filter(({ name }) => name?.startsWith('drover-'))
            for (const event of declaration.events ?? []) event.type = { text: classOf(event.name) }
          }
        }
      },
    },
  ],
}

/** `drover-select` is a `DroverSelectEvent`. */
const classOf = name => `${name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())}Event`
