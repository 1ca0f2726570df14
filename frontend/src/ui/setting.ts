import { createContext, useContext } from 'react'
import type { Me, Service } from '@/domain/types'
import type { Words } from '@/i18n/words'

/** What every signed-in page knows. */
export interface Surroundings {
  me: Me
  service: Service
  words: Words
}

export const SurroundingsContext = createContext<Surroundings | null>(null)

export function useSurroundings(): Surroundings {
  const s = useContext(SurroundingsContext)
  if (!s) throw new Error('no SurroundingsContext')
  return s
}
