import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'

interface ModalProps {
  title: string
  children: ReactNode
  onClose: () => void
}

/** A native dialog over the page; Escape closes it. What has `data-first` gets the focus, else the first control. */
export function Modal({ title, children, onClose }: ModalProps) {
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      dialog?.close()
    }
  }, [])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose} className="card m-auto w-[min(92vw,30rem)] p-5 text-ink">
      <h2 id={id} className="text-lg font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  )
}

interface Props extends ModalProps {
  confirm: string
  busy: boolean
  onConfirm: () => void
}

/** Asks before something is lost. Escape and Cancel leave everything as it is; Cancel has the focus first. */
export function Confirm({ title, children, confirm, busy, onConfirm, onClose }: Props) {
  const { t } = useTranslation()
  return (
    <Modal title={title} onClose={onClose}>
      <div className="mt-2 grid gap-2">{children}</div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button data-first onClick={onClose}>
          {t('form.cancel')}
        </Button>
        <Button look="primary" disabled={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Modal>
  )
}
