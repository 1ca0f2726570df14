import { useEffect, useState } from 'react'

/** The time, renewed every `period` milliseconds. */
export function useNow(period = 5_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const id = setInterval(() => {
      setNow(Date.now())
    }, period)
    return () => {
      clearInterval(id)
    }
  }, [period])
  return now
}
