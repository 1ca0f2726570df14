import { Link, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Me, Service } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { buttonClass } from '@/ui/button'
import { Notice } from '@/ui/layout'

/** What has to be said on every page while it is so. */
export function Notices({ me, service, words }: { me: Me; service: Service; words: Words }) {
  const { t } = useTranslation()
  const path = useLocation({ select: (l) => l.pathname })
  const stretched = service.effective_interval_seconds > service.interval_seconds
  return (
    <div className="grid gap-2 empty:hidden [&:not(:empty)]:mb-4">
      {me.verified_contacts === 0 && (
        <Notice>
          <span className="font-semibold">{t('notice.nobody')}</span>
          {path !== '/contacts' && (
            <Link to="/contacts" className={buttonClass('plain')}>
              {t('notice.nobody.do')}
            </Link>
          )}
        </Notice>
      )}
      {me.role === 'operator' && service.mail_mode === 'stored' && (
        <Notice>
          <span>{t('notice.stored')}</span>
          {path !== '/operator/mails' && (
            <Link to="/operator/mails" className="text-link">
              {t('notice.stored.do')}
            </Link>
          )}
        </Notice>
      )}
      {stretched && <Notice>{t('notice.stretched', { every: words.every(service.effective_interval_seconds), normal: words.every(service.interval_seconds) })}</Notice>}
    </div>
  )
}
