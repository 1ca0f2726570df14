import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Registration } from '@/domain/types'
import { ownZone, zones } from '@/lib/zone'
import { Button } from '@/ui/button'
import { Choice, Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  termsVersion: string
  /** undefined: a sign-up; else the code to begin with. */
  setupCode?: string | undefined
  /** Who comes by invitation only: its code; undefined: none is needed. */
  invite?: string | undefined
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (r: Registration) => void
}

/** E-mail, password, language, zone and terms of a new account. */
export function AccountForm({ termsVersion, setupCode, invite, submit, busy, error, onSubmit }: Props) {
  const { t, i18n } = useTranslation()
  const faults = useFaults()
  const own = ownZone()
  const [form, setForm] = useState({ email: '', password: '', zone: own, code: setupCode ?? invite ?? '', accepted: false })
  const set = (change: Partial<typeof form>) => {
    setForm({ ...form, ...change })
  }
  const onForm = (e: SubmitEvent) => {
    e.preventDefault()
    const r: Registration = {
      email: form.email.trim(),
      password: form.password,
      locale: i18n.language === 'ja' ? 'ja' : 'en',
      time_zone: form.zone,
      accept_terms: form.accepted ? termsVersion : '',
    }
    const code = form.code.trim()
    onSubmit(setupCode !== undefined ? { ...r, setup_code: code } : invite !== undefined ? { ...r, invite: code } : r)
  }
  return (
    <form className="grid gap-4" onSubmit={onForm}>
      <Field label={t('form.email')} name="email" type="email" autoComplete="email" required maxLength={254} value={form.email} error={faults.field(error, 'email')} onChange={(e) => { set({ email: e.target.value }) }} />
      <Field label={t('form.password')} hint={t('form.password.hint')} name="password" type="password" autoComplete="new-password" required minLength={8} maxLength={128} value={form.password} error={faults.field(error, 'password')} onChange={(e) => { set({ password: e.target.value }) }} />
      <Choice label={t('form.locale')} name="locale" value={i18n.language} error={faults.field(error, 'locale')} onChange={(e) => void i18n.changeLanguage(e.target.value)}>
        <option value="ja">日本語</option>
        <option value="en">English</option>
      </Choice>
      <Choice label={t('form.zone')} name="time_zone" value={form.zone} error={faults.field(error, 'time_zone')} onChange={(e) => { set({ zone: e.target.value }) }}>
        {zones(own).map((z) => (
          <option key={z}>{z}</option>
        ))}
      </Choice>
      {setupCode !== undefined && (
        <Field label={t('form.code')} hint={t('form.code.hint')} name="setup_code" required autoComplete="off" value={form.code} onChange={(e) => { set({ code: e.target.value }) }} />
      )}
      {setupCode === undefined && invite !== undefined && (
        <Field label={t('sign_up.invite')} hint={t('sign_up.invite.hint')} name="invite" required autoComplete="off" autoCapitalize="none" spellCheck={false} value={form.code} onChange={(e) => { set({ code: e.target.value }) }} />
      )}
      <div>
        <Tick label={t('form.accept')} name="accept" required checked={form.accepted} error={faults.field(error, 'accept_terms')} onChange={(e) => { set({ accepted: e.target.checked }) }} />
        <a className="ml-8 text-sm text-link" href="/terms" target="_blank" rel="noopener">
          {t('form.terms')}
        </a>
      </div>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Button type="submit" look="primary" large disabled={busy || !termsVersion}>
        {busy ? t('form.busy') : submit}
      </Button>
    </form>
  )
}
