import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'

const ITEM = 'flex min-h-9 items-center border-b-2 border-transparent px-1 whitespace-nowrap text-link no-underline md:border-b-0 md:border-l-2 md:px-3'
const HERE = { className: 'border-link! font-semibold' }

interface Props {
  title: string
  sections: readonly { to: NonNullable<LinkProps['to']>; name: string }[]
  /** For lists that want the room. */
  wide?: boolean
  children: ReactNode
}

/** A title, the sections below it to choose from, and the one that is open. */
export function Sections({ title, sections, wide = false, children }: Props) {
  return (
    <>
      <h1 className="text-xl font-semibold">{title}</h1>
      <div className="mt-2 grid gap-x-8 gap-y-4 md:mt-4 md:grid-cols-[12rem_minmax(0,1fr)]">
        <nav aria-label={title} className="flex flex-wrap gap-x-4 self-start border-b border-hairline md:flex-col md:border-b-0">
          {sections.map(({ to, name }) => (
            <Link key={to} to={to} className={ITEM} activeProps={HERE}>
              {name}
            </Link>
          ))}
        </nav>
        <div className={wide ? 'min-w-0' : 'max-w-2xl min-w-0'}>{children}</div>
      </div>
    </>
  )
}
