/**
 * What a browser loads, in two builds: the page at `/` (dist/page) and, with `--mode library`, every widget in one file
 * for other sites (dist/drover.js). `npm run build` runs both.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'
import { leanCss } from './browser/lean/css.ts'

/** What a page downloads checks messages with less code than zod has, and as strictly. */
export const leanZod = {
  find: /^zod\/mini$/,
  replacement: fileURLToPath(new URL('browser/lean/zod.ts', import.meta.url)),
}

/** It keeps a session up with the part of stompjs that shared/stomp asks for, and that alone. */
export const leanStompjs = {
  find: /^@stomp\/stompjs$/,
  replacement: fileURLToPath(new URL('browser/lean/stompjs.ts', import.meta.url)),
}

const leanUuid = { find: /^uuid$/, replacement: fileURLToPath(new URL('browser/lean/uuid.ts', import.meta.url)) }

const shared: UserConfig = {
  logLevel: 'warn',
  // Only what this checkout holds is ever needed: nothing is read from the environment.
  envPrefix: 'DROVER_PUBLIC_',
  resolve: { alias: [leanZod, leanStompjs, leanUuid] },
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
