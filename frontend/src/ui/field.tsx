import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'

const BOX = 'w-full min-h-10 rounded-card border bg-card px-3 py-1.5 text-ink'

interface Around {
  label: string
  hint?: string | undefined
  error?: string | undefined
}

/** Label, hint and fault around a control, tied to it for screen readers. */
function useAround({ label, hint, error }: Around) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  const attributes = {
    id,
    'aria-invalid': error ? (true as const) : undefined,
    'aria-describedby': described || undefined,
    className: `${BOX} ${error ? 'border-ng' : 'border-unknown-fill'}`,
  }
  const frame = (control: ReactNode) => (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      {control}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-ng">
          {error}
        </p>
      )}
    </div>
  )
  return { attributes, frame }
}

export function Field({ label, hint, error, ...rest }: Around & InputHTMLAttributes<HTMLInputElement>) {
  const { attributes, frame } = useAround({ label, hint, error })
  return frame(<input {...rest} {...attributes} />)
}

export function Area({ label, hint, error, ...rest }: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const { attributes, frame } = useAround({ label, hint, error })
  return frame(<textarea rows={3} {...rest} {...attributes} />)
}

export function Choice({ label, hint, error, children, ...rest }: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  const { attributes, frame } = useAround({ label, hint, error })
  return frame(
    <select {...rest} {...attributes}>
      {children}
    </select>,
  )
}

interface TickProps extends InputHTMLAttributes<HTMLInputElement> {
  label: ReactNode
  hint?: string | undefined
  error?: string | undefined
}

export function Tick({ label, hint, error, ...rest }: TickProps) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined
  return (
    <div>
      <label className="flex min-h-9 items-start gap-3 py-1.5">
        <input type="checkbox" className="mt-1 size-5 shrink-0 accent-link" aria-invalid={error ? true : undefined} aria-describedby={described} {...rest} />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={`${id}-hint`} className="ml-8 text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="ml-8 text-sm text-ng">
          {error}
        </p>
      )}
    </div>
  )
}
