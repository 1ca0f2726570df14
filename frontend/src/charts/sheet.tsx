import { useCallback, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { cellAt, runs, type Cell } from '@/domain/lanes'
import type { Day } from '@/lib/zone'
import { useCanvas, type Surface } from '@/charts/canvas'
import { drawRun } from '@/charts/status-drawing'

export interface Lane {
  name: string
  /** Shown before the lane; '' where there is one line. */
  short: string
  cells: readonly Cell[]
}

interface Props {
  days: readonly Day[]
  dayLabels: readonly string[]
  lanes: readonly Lane[]
  label: string
  /** What was picked, with its lane; the caller puts it into words. */
  onPick: (cell: Cell, lane: Lane) => void
}

const LANE = 14 // px
const GAP = 3 // between lanes
const SPACE = 8 // between days
const COLUMN = 2 // px; nothing is drawn narrower

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21] as const

/** Days as rows, newest on top; a lane a line; a day's clock from left to right. */
export function Sheet({ days, dayLabels, lanes, label, onPick }: Props) {
  const row = lanes.length * (LANE + GAP) + SPACE
  const height = days.length * row
  const [picked, setPicked] = useState<Cell | null>(null)
  const draw = useCallback((s: Surface) => { drawSheet(s, days, lanes, row, picked) }, [days, lanes, row, picked])
  const ref = useCanvas(draw, height)
  const pick = (found: { cell: Cell; lane: Lane } | undefined) => {
    if (!found) return
    setPicked(found.cell)
    onPick(found.cell, found.lane)
  }
  const onPointer = (e: PointerEvent<HTMLCanvasElement>) => {
    const box = e.currentTarget.getBoundingClientRect()
    pick(at(e.clientX - box.left, e.clientY - box.top, box.width, days, lanes, row))
  }
  const onKey = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
    if (!step) return
    e.preventDefault()
    pick(neighbour(lanes, picked, step))
  }
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2 text-sm">
      <div />
      <div aria-hidden className="relative h-5 text-xs text-muted">
        {HOURS.map((h) => (
          <span key={h} className="absolute" style={{ left: `${(h / 24) * 100}%` }}>
            {h}
          </span>
        ))}
      </div>
      <div aria-hidden>
        {days.map((day, i) => (
          <div key={day.from} className="flex items-start justify-end gap-2 leading-none whitespace-nowrap" style={{ height: row }}>
            <span className="pt-0.5 text-xs text-muted">{dayLabels[i]}</span>
            <span className="grid text-xs text-muted" style={{ gap: GAP }}>
              {lanes.map((l) => (
                <span key={l.name} style={{ height: LANE, lineHeight: `${LANE}px` }}>
                  {l.short}
                </span>
              ))}
            </span>
          </div>
        ))}
      </div>
      <canvas
        ref={ref}
        role="img"
        aria-label={label}
        tabIndex={0}
        className="block w-full touch-pan-y"
        style={{ height }}
        onPointerDown={onPointer}
        onPointerMove={(e) => { if (e.pointerType === 'mouse') onPointer(e) }}
        onKeyDown={onKey}
      />
    </div>
  )
}

function drawSheet(s: Surface, days: readonly Day[], lanes: readonly Lane[], row: number, picked: Cell | null): void {
  const columns = Math.max(1, Math.floor(s.width / COLUMN))
  const unit = s.width / columns
  for (const [i, day] of days.entries()) {
    for (const [j, lane] of lanes.entries()) {
      const bottom = i * row + j * (LANE + GAP) + LANE
      s.context.fillStyle = s.colour('hairline')
      s.context.fillRect(0, bottom, s.width, 1)
      for (const run of runs(lane.cells, day, columns)) drawRun(s, run, run.from * unit, (run.to - run.from) * unit, bottom, LANE)
      if (picked && lane.cells.includes(picked) && picked.from >= day.from && picked.from < day.to) {
        const x = ((picked.from - day.from) / (day.to - day.from)) * s.width
        s.context.fillStyle = s.colour('ink')
        s.context.fillRect(Math.min(x, s.width - 2), bottom - LANE, 2, LANE + 2)
      }
    }
  }
}

function at(x: number, y: number, width: number, days: readonly Day[], lanes: readonly Lane[], row: number) {
  const day = days[Math.floor(y / row)]
  const lane = lanes[Math.min(lanes.length - 1, Math.floor((y % row) / (LANE + GAP)))]
  if (!day || !lane) return undefined
  const length = day.to - day.from
  const cell = cellAt(lane.cells, day.from + (x / width) * length, ((COLUMN / width) * length) / 2)
  return cell && { cell, lane }
}

/** The check before or after the picked one, over all lanes; the newest to begin with. */
function neighbour(lanes: readonly Lane[], picked: Cell | null, step: 1 | -1) {
  const all = lanes.flatMap((lane) => lane.cells.map((cell) => ({ cell, lane }))).sort((a, b) => a.cell.from - b.cell.from)
  const here = picked ? all.findIndex((x) => x.cell.result === picked.result) : -1
  return here < 0 ? all.at(-1) : all[here + step]
}
