/** The ten-day sheet's arithmetic: which status fills which part of a lane. */
import { SEVERITY, type Result, type Status } from '@/domain/types'
import type { Day } from '@/lib/zone'

/** A result and the time it stands for, in milliseconds. */
export interface Cell {
  from: number
  to: number
  result: Result
}

/** Columns [from, to) of one look. */
export interface Run {
  from: number
  to: number
  status: Status
}

/** Each line's results, oldest first, each until that line's next check. `reach` bounds what the last before a gap covers. */
export function lanes(results: readonly Result[], lines: readonly string[], now: number, reach: number): Map<string, Cell[]> {
  const cells = new Map<string, Cell[]>(lines.map((name) => [name, []]))
  for (const result of results) {
    const name = result.line ?? lines[0] ?? ''
    const lane = cells.get(name) ?? []
    cells.set(name, lane)
    const from = Date.parse(result.checked_at)
    const before = lane.at(-1)
    if (before) before.to = Math.min(before.to, Math.max(from, before.from))
    lane.push({ from, to: Math.min(from + reach, Math.max(now, from)), result })
  }
  return cells
}

/**
 * Puts a day's cells on `columns` columns. A cell takes at least one; where several meet the worst is drawn.
 */
export function runs(cells: readonly Cell[], day: Day, columns: number): Run[] {
  const worst = new Array<Status | undefined>(columns)
  const scale = columns / (day.to - day.from)
  for (const cell of cells) {
    if (cell.to < day.from || cell.from >= day.to) continue
    const first = Math.min(columns - 1, Math.max(0, Math.round((cell.from - day.from) * scale)))
    const end = Math.min(columns, Math.max(first + 1, Math.round((cell.to - day.from) * scale)))
    for (let i = first; i < end; i++) {
      const there = worst[i]
      if (there === undefined || SEVERITY[cell.result.status] > SEVERITY[there]) worst[i] = cell.result.status
    }
  }
  return joined(worst)
}

function joined(columns: readonly (Status | undefined)[]): Run[] {
  const out: Run[] = []
  for (let i = 0; i < columns.length; i++) {
    const status = columns[i]
    if (status === undefined) continue
    const last = out.at(-1)
    if (last?.to === i && last.status === status) last.to = i + 1
    else out.push({ from: i, to: i + 1, status })
  }
  return out
}

/** How often each status was seen. */
export function countStatuses(cells: readonly Cell[], day: Day): Record<Status, number> {
  const counts: Record<Status, number> = { ok: 0, ng: 0, wr: 0, err: 0, unknown: 0 }
  for (const c of cells) if (c.from >= day.from && c.from < day.to) counts[c.result.status]++
  return counts
}

/** The cell at a moment, else the nearest within `slack` milliseconds; of several the worst. */
export function cellAt(cells: readonly Cell[], at: number, slack: number): Cell | undefined {
  let best: Cell | undefined
  for (const c of cells) {
    if (c.from - slack > at || c.to + slack <= at) continue
    if (!best || SEVERITY[c.result.status] > SEVERITY[best.result.status] || (c.result.status === best.result.status && c.from <= at)) best = c
  }
  return best
}
