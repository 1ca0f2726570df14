import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ProofTask } from '@/domain/types'
import { CopyText } from '@/ui/copy-text'

/** What to publish so that a host shows whose it is: either of the two. */
export function ProofWays({ task }: { task: ProofTask }) {
  const { t } = useTranslation()
  return (
    <div className="grid gap-4">
      {task.dns_name !== null && task.dns_value !== null && (
        <Way title={t('proof.dns')}>
          <Piece name={t('proof.dns.name')} text={task.dns_name} />
          <Piece name={t('proof.dns.value')} text={task.dns_value} />
        </Way>
      )}
      <Way title={t(task.dns_name === null ? 'proof.http.only' : 'proof.http')}>
        <Piece name={t('proof.http.url')} text={task.http_url} />
        <Piece name={t('proof.http.content')} text={task.http_content} />
      </Way>
    </div>
  )
}

function Way({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="font-semibold">{title}</h3>
      <dl className="mt-1 grid gap-2">{children}</dl>
    </div>
  )
}

function Piece({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd><CopyText text={text} what={name} /></dd>
    </div>
  )
}
