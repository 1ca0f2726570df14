import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query'

/** A change, after which what it touched is read again. Failed ones too: somebody else may have done it. */
export function useAct<R, A = void>(act: (argument: A) => Promise<R>, renew: readonly QueryKey[], onDone?: (answer: R, argument: A) => void) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: act,
    ...(onDone ? { onSuccess: onDone } : {}),
    onSettled: () => Promise.all(renew.map((queryKey) => cache.invalidateQueries({ queryKey }))),
  })
}
