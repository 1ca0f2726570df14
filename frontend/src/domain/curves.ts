/** The round-trip chart's arithmetic. */
import type { Cell } from '@/domain/lanes'
import type { Status } from '@/domain/types'

export interface Point {
  at: number // ms since 1970
  us: number // microseconds
}

/**
 * A line's curve as pieces: a gap is where a check failed or none was made for `reach` milliseconds.
 * More points than `columns` are thinned to the median of each column.
 */
export function pieces(cells: readonly Cell[], from: number, to: number, reach: number, columns: number): Point[][] {
  const width = Math.max(1, (to - from) / columns)
  const out: Point[][] = []
  let piece: Point[] = []
  let last: number | null = null
  const end = () => {
    if (piece.length) out.push(thinned(piece, from, width))
    piece = []
  }
  for (const c of cells) {
    if (c.from < from || c.from >= to) continue
    const us = c.result.rtt_us
    if (us === null || (last !== null && c.from - last > reach)) end()
    if (us !== null) piece.push({ at: c.from, us })
    last = c.from
  }
  end()
  return out
}

function thinned(points: Point[], from: number, width: number): Point[] {
  return [...grouped(points, from, width).values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.us - b.us)
    const middle = sorted[Math.floor(sorted.length / 2)]
    const first = group[0]
    return middle && first ? [{ at: group.length === 1 ? first.at : (first.at + (group.at(-1)?.at ?? first.at)) / 2, us: middle.us }] : []
  })
}

function grouped(points: Point[], from: number, width: number): Map<number, Point[]> {
  const columns = new Map<number, Point[]>()
  for (const p of points) {
    const key = Math.floor((p.at - from) / width)
    const column = columns.get(key)
    if (column) column.push(p)
    else columns.set(key, [p])
  }
  return columns
}

export interface Band {
  from: number
  to: number
  status: Exclude<Status, 'ok'>
}

/** The times of failures and of what was not measured. */
export function bands(cells: readonly Cell[], from: number, to: number): Band[] {
  const out: Band[] = []
  for (const c of cells) {
    const { status } = c.result
    if (status === 'ok' || c.to <= from || c.from >= to) continue
    const last = out.at(-1)
    if (last?.status === status && c.from <= last.to) last.to = c.to
    else out.push({ from: Math.max(from, c.from), to: c.to, status })
  }
  return out
}

/** Round numbers from 0 up that hold `max`: three to six of them, in microseconds. */
export function ticks(max: number): number[] {
  const rough = Math.max(max, 1) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power
  const count = Math.ceil(Math.max(max, 1) / step)
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}

/** What the axis must reach: nearly all answers; single late ones are cut off. */
export function reachOf(curves: readonly Point[][][]): number {
  const all = curves.flat(2).map((p) => p.us).sort((a, b) => a - b)
  const high = all[Math.min(all.length - 1, Math.floor(all.length * 0.99))] ?? 0
  return high * 1.15
}
