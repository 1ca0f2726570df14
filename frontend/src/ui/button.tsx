import type { ButtonHTMLAttributes } from 'react'

type Look = 'primary' | 'plain' | 'quiet'

const LOOK: Record<Look, string> = {
  primary: 'bg-link text-on-link border border-link font-semibold hover:opacity-90',
  plain: 'bg-card text-link border border-hairline hover:border-link',
  quiet: 'text-link underline hover:no-underline',
}

/** Sizes are ≥ 24 px; what people press at night is 44 px on phones. */
export function buttonClass(look: Look = 'plain', large = false): string {
  const size = look === 'quiet' ? 'min-h-6 px-1' : large ? 'min-h-11 px-4 md:min-h-9' : 'min-h-9 px-3'
  return `inline-flex items-center justify-center gap-2 rounded-card transition-opacity duration-100 no-underline disabled:opacity-50 ${size} ${LOOK[look]}`
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  large?: boolean
}

export function Button({ look = 'plain', large = false, className = '', type = 'button', ...rest }: Props) {
  return <button type={type} className={`${buttonClass(look, large)} ${className}`} {...rest} />
}
