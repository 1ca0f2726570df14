import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Pictures of the page into HINOMI_SCREENSHOTS (a directory; else ./screenshots), from made-up data. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['screenshots.ts'], testTimeout: 240_000, hookTimeout: 120_000 },
})
