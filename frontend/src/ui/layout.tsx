import type { ReactNode } from 'react'

/** A titled part of a page. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="mt-8">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="text-lg font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** Something people should know; `burning` only when a server of theirs is down. */
export function Notice({ children, burning = false }: { children: ReactNode; burning?: boolean }) {
  return <div className={`card flex flex-wrap items-center gap-x-4 gap-y-1 border-l-4 px-4 py-2 ${burning ? 'border-l-fire' : 'border-l-wr-fill'}`}>{children}</div>
}

/** A fault in words, told to screen readers at once. */
export function Fault({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="text-ng">
      {children}
    </p>
  )
}

/** A small page for one task: signing in, a link's confirmation. */
export function Narrow({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="card mx-auto mt-6 grid w-full max-w-md gap-4 p-6">
      <h1 className="text-xl font-semibold">{title}</h1>
      {children}
    </div>
  )
}

/** A section of the settings: what it is about, then what to do. */
export function Part({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="mb-8 grid gap-3">
      <div>
        <h2 className="text-lg font-semibold">{title}</h2>
        {text && <p className="text-muted">{text}</p>}
      </div>
      {children}
    </section>
  )
}
