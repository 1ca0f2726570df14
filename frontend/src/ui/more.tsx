import { Button } from '@/ui/button'

interface Props {
  label: string
  /** There is more. */
  more: boolean
  busy: boolean
  onMore: () => void
}

/** Below a long list: its next page. */
export function More({ label, more, busy, onMore }: Props) {
  if (!more) return null
  return (
    <div>
      <Button disabled={busy} onClick={onMore}>{label}</Button>
    </div>
  )
}
