import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Me } from '@/domain/types'

const ITEM = 'flex min-h-11 flex-1 items-center justify-center border-t-2 border-transparent px-1 whitespace-nowrap text-link no-underline md:min-h-9 md:flex-none md:border-t-0 md:border-b-2 md:px-2'
const HERE = { className: 'border-link! font-semibold' }

interface Props {
  me: Me
  /** An operator looks at this account: its settings are not theirs. */
  guest: boolean
  onSignOut: () => void
}

/** A bottom bar on phones, a row in the head elsewhere. */
export function Nav({ me, guest, onSignOut }: Props) {
  const { t } = useTranslation()
  return (
    <nav aria-label={t('nav.label')} className="fixed inset-x-0 bottom-0 z-10 flex border-t border-hairline bg-card text-[0.8rem] md:static md:gap-2 md:border-0 md:bg-transparent md:text-base">
      <Link to="/" className={ITEM} activeOptions={{ exact: true }} activeProps={HERE}>
        {t('nav.status')}
      </Link>
      <Link to="/targets/new" className={ITEM} activeProps={HERE}>
        {t('nav.add')}
      </Link>
      <Link to="/contacts" className={ITEM} activeProps={HERE}>
        {t('nav.contacts')}
      </Link>
      <details className="relative flex-1 md:flex-none" name="me">
        <summary className={`${ITEM} list-none [&::-webkit-details-marker]:hidden`}>
          {t('nav.me')} <span aria-hidden className="ml-1 text-xs">▾</span>
        </summary>
        <div
          onClick={(e) => {
            if (e.target instanceof HTMLAnchorElement) e.currentTarget.closest('details')?.removeAttribute('open')
          }}
          className="card absolute right-0 bottom-full z-20 mb-1 grid w-64 gap-2 p-4 text-base md:top-full md:bottom-auto md:mt-1 md:mb-0"
        >
          <p className="font-semibold">{me.email}</p>
          <p className="text-sm text-muted">{t('me.zone', { zone: me.time_zone })}</p>
          {!guest && (
            <Link to="/settings/profile" className="text-link">
              {t('settings.title')}
            </Link>
          )}
          {me.role === 'operator' && (
            <Link to="/operator" className="text-link">
              {t('operator.title')}
            </Link>
          )}
          <Link to="/terms" className="text-link">
            {t('me.terms')}
          </Link>
          <a href="/docs" className="text-link">
            {t('me.api')}
          </a>
          <button type="button" className="min-h-9 text-left text-link underline" onClick={onSignOut}>
            {t('me.sign_out')}
          </button>
        </div>
      </details>
    </nav>
  )
}
