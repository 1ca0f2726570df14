import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { createClient } from '@/api/client'
import { ApiContext } from '@/api/context'
import { ApiError, Session } from '@/api/session'
import { createTexts, firstLanguage } from '@/i18n/i18n'
import { createPageRouter } from '@/app/router'
import '@/ui/tokens.css'

/** Only what may pass by itself is tried again at once; polling does the rest. */
function retry(count: number, error: Error): boolean {
  return count < 1 && error instanceof ApiError && (error.status === 0 || error.status >= 500)
}

function start(place: HTMLElement): void {
  const queryClient = new QueryClient({
    defaultOptions: { queries: { retry, retryDelay: 1_000, networkMode: 'always' }, mutations: { retry: false, networkMode: 'always' } },
  })
  const session = new Session()
  const api = { session, client: createClient(session) }
  const router = createPageRouter({ ...api, queryClient })
  createRoot(place).render(
    <StrictMode>
      <I18nextProvider i18n={createTexts(firstLanguage())}>
        <ApiContext value={api}>
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </ApiContext>
      </I18nextProvider>
    </StrictMode>,
  )
}

const place = document.getElementById('root')
if (place) start(place)
