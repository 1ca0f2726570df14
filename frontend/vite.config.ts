import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env['HINOMI_URL'] ?? 'http://localhost:8080'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../backend/internal/api/page/dist',
    emptyOutDir: true, // public/.gitkeep is copied back, so that Go builds without a page
    assetsInlineLimit: 0, // the content security policy is the same for every file
    target: 'es2022',
  },
  server: { proxy: { '/api': server, '/docs': server, '/openapi.json': server } },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
})
