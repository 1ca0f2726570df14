import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Line } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { copy, selectText } from '@/lib/clipboard'
import { Button } from '@/ui/button'

/** The addresses that people open their firewalls for, to copy one by one or all. */
export function Addresses({ lines, words }: { lines: readonly Line[]; words: Words }) {
  const { t } = useTranslation()
  const list = useRef<HTMLDivElement>(null)
  const [told, setTold] = useState('')
  const all = lines.flatMap((l) => l.addresses)
  const take = async (text: string, element: HTMLElement | null) => {
    const copied = await copy(text)
    if (!copied && element) selectText(element)
    setTold(copied ? t('addresses.copied') : t('addresses.selected'))
  }
  return (
    <div className="card px-5 py-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{t('addresses.title')}</h2>
        <div className="flex items-center">
          <span role="status" className={`text-sm text-ok ${told ? 'mr-3' : ''}`}>
            {told}
          </span>
          {all.length > 1 && <Button onClick={() => void take(all.join('\n'), list.current)}>{t('addresses.copy_all')}</Button>}
        </div>
      </div>
      {all.length > 0 && <p className="text-sm text-muted">{t('addresses.text')}</p>}
      <div ref={list} className="mt-2 flex flex-wrap gap-x-8 gap-y-2">
        {lines.map((line) => (
          <LineAddresses key={line.name} line={line} words={words} named={lines.length > 1} onCopy={take} />
        ))}
      </div>
    </div>
  )
}

interface LineProps {
  line: Line
  words: Words
  named: boolean
  onCopy: (text: string, element: HTMLElement | null) => Promise<void>
}

function LineAddresses({ line, words, named, onCopy }: LineProps) {
  const { t } = useTranslation()
  return (
    <div>
      {line.addresses.map((address) => (
        <p key={address} className="flex flex-wrap items-center gap-2">
          {named && <span className="text-sm text-muted select-none">{words.line(line.name)}</span>}
          <code className="text-base">{address}</code>
          <Button
            look="quiet"
            className="select-none"
            aria-label={t('addresses.copy_this', { address })}
            onClick={(e) => void onCopy(address, e.currentTarget.parentElement?.querySelector('code') ?? null)}
          >
            {t('addresses.copy')}
          </Button>
        </p>
      ))}
      {line.warnings.map((w) => (
        <p key={w} className="text-sm text-wr">
          {words.line(line.name)}: {t(`addresses.warning.${w}`)}
        </p>
      ))}
    </div>
  )
}
