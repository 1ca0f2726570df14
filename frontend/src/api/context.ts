import { createContext, useContext } from 'react'
import type { Client } from '@/api/client'
import type { Session } from '@/api/session'

export interface Api {
  client: Client
  session: Session
}

export const ApiContext = createContext<Api | null>(null)

export function useApi(): Api {
  const api = useContext(ApiContext)
  if (!api) throw new Error('no ApiContext')
  return api
}
