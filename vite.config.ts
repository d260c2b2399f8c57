/**
 * The files that a browser loads, in three builds: the page at `/` (dist/page) and, for other sites (dist/widgets), the
 * loader of the widgets with its modules (`--mode loader`) and every widget in one file (`--mode all`). `npm run build`
 * runs them.
 */
import { defineConfig, type UserConfig } from 'vite'
import { leanCss } from './scripts/build/lean-css.ts'

const shared: UserConfig = {
  logLevel: 'warn',
  // The builds need this checkout alone: nothing is read from the environment.
  envPrefix: 'DROVER_PUBLIC_',
  plugins: [leanCss],
}

/** Fetched by a master that seals. */
const ofSeal = /\/shared\/seal\/|\/sealing\/(?:seals|stored-job)\.ts|node_modules\/jose\//
/** Fetched by a master that is asked for dead letters. */
const ofDead = /\/master\/dead\/(?!lazy)|contract\/(?:history|json-members|job)\.ts|uuid\/dist\/(?:v5|v35|sha1)\.js/
/** Fetched by the page with the first job that it shows, or where its address is a link to one. */
const ofLinks = /browser\/page\/(?:linked-job|copy-link)\.ts|\/master\/one-job\//

const page: UserConfig = {
  ...shared,
  root: 'browser/page',
  // A bridge may have a path of its own before all others
  base: './',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // A strict page has neither inline scripts nor data: scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file, as it is without them. The modules that they share with it would be files of their own
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'page', test: id => !ofLinks.test(id) && !ofSeal.test(id) && !ofDead.test(id) }],
        },
      },
    },
  },
}

const forOthers: UserConfig = {
  ...shared,
  publicDir: false,
  build: { emptyOutDir: true, target: 'es2022', reportCompressedSize: false, modulePreload: { polyfill: false } },
}

/** One file with everything. Not Vite's library mode, which leaves the whitespace in. */
const all: UserConfig = {
  ...forOthers,
  build: {
    ...forOthers.build,
    outDir: 'dist/all',
    rolldownOptions: {
      input: 'browser/define.ts',
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'drover.all.js', codeSplitting: false, minify: true },
    },
  },
}

const ofMaster =
  /node_modules|rolldown.runtime|\/shared\/|browser\/(?:master|storage|look|controllers|(?!loader|define)[\w-]*\.ts)/
const ofSeveral =
  /browser\/(?:job\/(?:again|cancel|describe)|look\/job-looks|controllers\/(?:outcomes|second-press)|repeats)\.ts|json-exact\.ts|directives\/guard/

/** A loader, and beside it the modules that it fetches. */
const loader: UserConfig = {
  ...forOthers,
  // Other sites load it from the bridge: it finds its modules from its own address
  base: './',
  build: {
    ...forOthers.build,
    outDir: 'dist/loader',
    // Library mode leaves `import()` as it is: otherwise Vite wraps it in code that is as large as the rest of the loader
    lib: { entry: 'browser/loader.ts', formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'strict',
      output: {
        format: 'es',
        comments: false,
        entryFileNames: 'drover.js',
        chunkFileNames: 'drover/[name]-[hash].js',
        minify: true,
        codeSplitting: {
          // A page fetches the master, the modules that its widgets share, and each widget: few requests, and little that
          // it has no use for
          groups: [
            {
              name: 'master',
              test: id => ofMaster.test(id) && !ofSeveral.test(id) && !ofSeal.test(id) && !ofDead.test(id),
            },
            { name: 'several', test: ofSeveral },
          ],
        },
      },
    },
  },
}

export default defineConfig(({ mode }) => ({ all, loader })[mode] ?? page)
