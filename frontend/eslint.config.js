import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import hooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

// What each layer may not import. Arrows point down: app, routes, features, then the rest.
const above = {
  routes: ['@/app/*'],
  features: ['@/app/*', '@/routes/*', '@/api/client', '@/api/session', '@/api/queries', '@/api/context', '@/features/*'],
  api: ['@/app/*', '@/routes/*', '@/features/*', '@/charts/*', '@/ui/*', '@/i18n/*'],
  charts: ['@/app/*', '@/routes/*', '@/features/*', '@/api/*', '@/ui/*', '@/i18n/*'],
  ui: ['@/app/*', '@/routes/*', '@/features/*', '@/api/*', '@/charts/*'],
  i18n: ['@/app/*', '@/routes/*', '@/features/*', '@/api/*', '@/charts/*', '@/ui/*'],
  domain: ['@/app/*', '@/routes/*', '@/features/*', '@/api/client', '@/api/session', '@/api/queries', '@/api/context', '@/charts/*', '@/ui/*', '@/i18n/*', 'react', 'react-*'],
  lib: ['@/app/*', '@/routes/*', '@/features/*', '@/api/*', '@/charts/*', '@/ui/*', '@/i18n/*', '@/domain/*', 'react', 'react-*'],
}

const fences = Object.entries(above).map(([layer, group]) => ({
  files: [`src/${layer}/**`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group, message: `Not from ${layer}: see the layers in eslint.config.js.` },
          { group: ['../*'], message: 'Write @/… for another folder.' },
        ],
      },
    ],
  },
}))

export default defineConfig(
  { ignores: ['src/api/generated', 'node_modules', 'coverage', 'dist'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] }, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/only-throw-error': 'off', // the router throws redirects
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', { selector: 'Literal[value=/^#[0-9a-fA-F]{3,8}$/]', message: 'Colours are in src/ui/tokens.css.' }],
    },
  },
  ...fences,
)
