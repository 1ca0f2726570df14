import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { contactStanding, type Contact, type ContactPatch, type NewContact } from '@/domain/types'
import { ContactEdit, ContactHistory, ContactTest } from '@/features/contacts/contact-details'
import { ContactForm } from '@/features/contacts/contact-form'
import { ContactList } from '@/features/contacts/contact-list'
import { CodeForm } from '@/ui/code-form'
import { Confirm } from '@/ui/dialog'
import { Fault, Section } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { QuotaLine } from '@/ui/quota'
import { useSurroundings } from '@/ui/setting'

export function ContactsRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { me, service, words } = useSurroundings()
  const cache = useQueryClient()
  const faults = useFaults()
  const now = useNow()
  const [open, setOpen] = useState<number | null>(null)
  const [leaving, setLeaving] = useState<Contact | null>(null)
  const contacts = useQuery(queries.contacts(client))
  const renew = () => Promise.all([cache.invalidateQueries({ queryKey: keys.contacts }), cache.invalidateQueries({ queryKey: keys.me }), cache.invalidateQueries({ queryKey: keys.status })])
  const add = useMutation({ mutationFn: (c: NewContact) => client.addContact(c), onSuccess: (added) => {
    setOpen(added.id) // where the mail's code is typed
    return renew()
  } })
  // Who was reached once is asked anew whether mails are wanted.
  const resend = useMutation({
    mutationFn: (c: Contact) => (c.verified_at ? client.resubscribeContact(c.id) : client.resendContact(c.id)),
    onSuccess: (_, c) => {
      setOpen(c.id)
      return renew()
    },
  })
  const remove = useMutation({
    mutationFn: client.deleteContact,
    onSuccess: async () => {
      setLeaving(null)
      await renew()
    },
  })
  const list = contacts.data?.items ?? []
  const fault = resend.error ?? (contacts.data ? null : contacts.error)
  return (
    <>
      <h1 className="text-xl font-semibold">{t('contacts.title')}</h1>
      <p className="mb-3 text-muted">{t('contacts.text')}</p>
      <div className="mb-2"><QuotaLine quotas={me.quotas} of={['contacts']} /></div>
      {fault && <Fault>{faults.whole(fault)}</Fault>}
      {contacts.data && (
        <ContactList contacts={list} words={words} now={now} resent={resend.isSuccess ? resend.variables.id : null} busy={resend.isPending} open={open} details={(c) => <Details key={c.id} contact={c} onDone={() => { setOpen(null); return renew() }} />} onOpen={setOpen} onResend={resend.mutate} onRemove={(c) => { setOpen(null); setLeaving(c) }} />
      )}
      <Section title={t('contacts.add')}>
        <ContactForm key={add.data?.id ?? 0} from={service.mail_from} busy={add.isPending} error={add.error} added={add.data?.email ?? null} onSubmit={add.mutate} />
      </Section>
      {leaving && (
        <Confirm title={t('contacts.remove.title', { email: leaving.email })} confirm={t('contacts.remove')} busy={remove.isPending} onConfirm={() => { remove.mutate(leaving.id) }} onClose={() => { setLeaving(null) }}>
          <p>{t(isLast(list, leaving) ? 'contacts.remove.last' : 'contacts.remove.text')}</p>
          {remove.error && <Fault>{faults.whole(remove.error)}</Fault>}
        </Confirm>
      )}
    </>
  )
}

/** What can be done with one contact, and what was mailed to it. */
function Details({ contact: c, onDone }: { contact: Contact; onDone: () => Promise<unknown> }) {
  const { client } = useApi()
  const { words } = useSurroundings()
  const now = useNow()
  const reached = contactStanding(c) === 'reached'
  const save = useAct((p: ContactPatch) => client.updateContact(c.id, p), [keys.contacts])
  const test = useAct(() => client.testContact(c.id), [keys.contactMails(c.id)])
  const mails = useQuery(queries.contactMails(client, c.id))
  return (
    <div className="grid gap-5">
      {!reached && <Code contact={c} onDone={onDone} />}
      {reached && <ContactTest busy={test.isPending} sent={test.isSuccess} error={test.error} onTest={() => { test.mutate() }} />}
      <ContactEdit contact={c} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />
      {mails.data && <ContactHistory mails={mails.data.items} words={words} now={now} />}
    </div>
  )
}

/** The code that somebody read in the mail to a contact. */
function Code({ contact, onDone }: { contact: Contact; onDone: () => Promise<unknown> }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const verify = useMutation({ mutationFn: (code: string) => client.verifyContactCode(contact.id, code), onSuccess: onDone })
  return <CodeForm label={t('auth.code')} hint={t('contacts.code.hint')} submit={t('verify.do')} busy={verify.isPending} error={verify.error} onSubmit={verify.mutate} />
}

const isLast = (all: readonly Contact[], c: Contact) => contactStanding(c) === 'reached' && all.filter((x) => contactStanding(x) === 'reached').length === 1
