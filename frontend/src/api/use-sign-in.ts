import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '@/api/context'
import { ApiError } from '@/api/session'
import type { LoginRequest } from '@/domain/types'

/** Signing in, and what the server still asks for. */
export function useSignIn(onSuccess: () => unknown) {
  const { session } = useApi()
  const [second, setSecond] = useState(false)
  const signIn = useMutation({
    mutationFn: (who: LoginRequest) => session.signIn(who),
    onSuccess,
    onError: (e) => {
      if (e instanceof ApiError && (e.code === 'totp_required' || e.code === 'totp_wrong')) setSecond(true)
    },
  })
  const refused = signIn.error instanceof ApiError ? signIn.error : null
  return {
    submit: signIn.mutate,
    busy: signIn.isPending,
    // That the second factor is on is a question, not a fault.
    error: refused?.code === 'totp_required' ? null : signIn.error,
    /** The second factor's code is wanted. */
    second,
    /** The version of the terms to accept. */
    terms: refused?.terms ?? null,
    /** The address waits for its link. */
    unverified: refused?.code === 'email_not_verified',
  }
}
