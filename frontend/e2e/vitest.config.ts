import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The browser test drives the real server, so its promises are kept one after the other. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['*.e2e.ts'], testTimeout: 90_000, hookTimeout: 180_000, fileParallelism: false, bail: 1 },
})
