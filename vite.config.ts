/**
 * What a browser loads, in two builds: the page at `/` (dist/page) and, with `--mode library`, every widget in one file
 * for other sites (dist/drover.js). `npm run build` runs both.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'
import { leanStompjs } from './browser/lean/stompjs.ts'

/** What a page downloads checks messages with less code than zod has, and as strictly. */
export const leanZod = {
  find: /^zod\/mini$/,
  replacement: fileURLToPath(new URL('browser/lean/zod.ts', import.meta.url)),
}

const leanUuid = { find: /^uuid$/, replacement: fileURLToPath(new URL('browser/lean/uuid.ts', import.meta.url)) }

const shared: UserConfig = {
  logLevel: 'warn',
  // Only what this checkout holds is ever needed: nothing is read from the environment.
  envPrefix: 'DROVER_PUBLIC_',
  resolve: { alias: [leanZod, leanUuid] },
  plugins: [leanStompjs],
}

const page: UserConfig = {
  ...shared,
  root: 'browser/page',
  base: '/',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // A strict page has neither inline scripts nor data: scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}

/** One file holds every use of a name, so those that libraries keep to themselves can be short. Lit shares its `_$` with others. */
const minify = {
  compress: { target: 'es2022' },
  mangle: { toplevel: true },
  mangleProps: { include: /^_[a-z]{5,}/i },
  codegen: true,
}

const library: UserConfig = {
  ...shared,
  publicDir: false,
  build: {
    outDir: 'dist/library',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // Not Vite's library mode, which leaves the whitespace in.
    rolldownOptions: {
      input: 'browser/define.ts',
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'drover.js', codeSplitting: false, minify },
    },
  },
}

export default defineConfig(({ mode }) => (mode === 'library' ? library : page))
