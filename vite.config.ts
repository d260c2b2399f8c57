/**
 * What a browser loads, in two builds: the page at `/` (dist/page) and, with `--mode library`, every widget in one file
 * for other sites (dist/drover.js). `npm run build` runs both.
 */
import { defineConfig, type UserConfig } from 'vite'
import { leanCss } from './scripts/build/lean-css.ts'

const shared: UserConfig = {
  logLevel: 'warn',
  // Only what this checkout holds is ever needed: nothing is read from the environment.
  envPrefix: 'DROVER_PUBLIC_',
  plugins: [leanCss],
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
      output: { format: 'es', entryFileNames: 'drover.js', codeSplitting: false, minify: true },
    },
  },
}

export default defineConfig(({ mode }) => (mode === 'library' ? library : page))
