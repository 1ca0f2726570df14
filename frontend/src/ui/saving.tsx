import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'

interface Props {
  label: string
  busy: boolean
  /** What to say once it is done; empty until then. */
  done: string
  disabled?: boolean
}

/** A form's button, and beside it that what was asked is done. */
export function Saving({ label, busy, done, disabled = false }: Props) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button type="submit" look="primary" large disabled={busy || disabled}>
        {busy ? t('form.busy') : label}
      </Button>
      <span role="status" className="text-sm text-ok">
        {done}
      </span>
    </div>
  )
}
