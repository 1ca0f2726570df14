import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copy, selectText } from '@/lib/clipboard'
import { Button } from '@/ui/button'

interface Props {
  text: string
  /** What it is, for screen readers: “Copy {{what}}”. */
  what: string
}

/** Text to take elsewhere, with a button that copies it. */
export function CopyText({ text, what }: Props) {
  const { t } = useTranslation()
  const ref = useRef<HTMLElement>(null)
  const [told, setTold] = useState('')
  const take = async () => {
    const copied = await copy(text)
    if (!copied && ref.current) selectText(ref.current)
    setTold(copied ? t('addresses.copied') : t('addresses.selected'))
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <code ref={ref} className="min-w-0 rounded-card border border-hairline bg-paper px-2 py-1 break-all whitespace-pre-wrap">
        {text}
      </code>
      <Button aria-label={t('addresses.copy_this', { address: what })} onClick={() => void take()}>
        {t('addresses.copy')}
      </Button>
      <span role="status" className="text-sm text-ok">
        {told}
      </span>
    </div>
  )
}
