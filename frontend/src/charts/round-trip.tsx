import { useCallback } from 'react'
import { bands, pieces, reachOf, ticks, type Band, type Point } from '@/domain/curves'
import type { Cell } from '@/domain/lanes'
import { useCanvas, type Surface } from '@/charts/canvas'

export interface Curve {
  name: string
  label: string
  cells: readonly Cell[]
}

interface Props {
  curves: readonly Curve[]
  from: number
  to: number
  /** A line's checks further apart than this, in milliseconds, are a gap. */
  reach: number
  label: string
  /** Words under the axis: a moment in the period's grain. */
  moment: (at: number) => string
}

const HEIGHT = 190
const LEFT = 52
const BOTTOM = 22
const TOP = 8

/** Colour and dash by place: the first line solid indigo, the second dashed. */
const LOOK = [
  { colour: 'line-a', dash: [] },
  { colour: 'line-b', dash: [5, 3] },
  { colour: 'muted', dash: [1, 3] },
] as const

const BAND: Record<Band['status'], string> = { ng: 'ng-fill', wr: 'wr-fill', err: 'err-fill', unknown: 'unknown-fill' }

interface Frame {
  s: Surface
  x: (at: number) => number
  y: (us: number) => number
  right: number
  floor: number
}

/** One curve a line; its name stands at the curve's end; gaps are gaps. */
export function RoundTrip({ curves, from, to, reach, label, moment }: Props) {
  const draw = useCallback(
    (s: Surface) => {
      const right = s.width - (curves.length > 1 ? 56 : 8)
      const lines = curves.map((c) => pieces(c.cells, from, to, reach, Math.max(1, Math.floor((right - LEFT) / 2))))
      const marks = ticks(reachOf(lines))
      const top = marks.at(-1) ?? 1
      const floor = s.height - BOTTOM
      const frame: Frame = {
        s, right, floor,
        x: (at) => LEFT + ((at - from) / (to - from)) * (right - LEFT),
        y: (us) => floor - (Math.min(us, top) / top) * (floor - TOP),
      }
      s.context.font = '12px system-ui, sans-serif'
      drawBands(frame, curves, from, to)
      drawAxes(frame, marks, from, to, moment)
      drawCurves(frame, curves, lines)
    },
    [curves, from, to, reach, moment],
  )
  const ref = useCanvas(draw, HEIGHT)
  return <canvas ref={ref} role="img" aria-label={label} className="block w-full" style={{ height: HEIGHT }} />
}

function drawBands(f: Frame, curves: readonly Curve[], from: number, to: number): void {
  const { context } = f.s
  for (const curve of curves) {
    for (const b of bands(curve.cells, from, to)) {
      const x = f.x(b.from)
      const width = Math.max(2, f.x(Math.min(b.to, to)) - x)
      context.globalAlpha = 0.22
      context.fillStyle = f.s.colour(BAND[b.status])
      if (b.status === 'unknown') for (let i = 0; i < width; i += 5) context.fillRect(x + i, TOP, 2, f.floor - TOP)
      else context.fillRect(x, TOP, width, f.floor - TOP)
      context.globalAlpha = 1
    }
  }
}

function drawAxes(f: Frame, marks: readonly number[], from: number, to: number, moment: (at: number) => string): void {
  const { context } = f.s
  context.strokeStyle = f.s.colour('hairline')
  context.fillStyle = f.s.colour('muted')
  context.lineWidth = 1
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  const digits = (marks[1] ?? 1000) < 1000 ? ((marks[1] ?? 1000) < 100 ? 2 : 1) : 0
  for (const us of marks) {
    const y = Math.round(f.y(us)) + 0.5
    context.beginPath()
    context.moveTo(LEFT, y)
    context.lineTo(f.right, y)
    context.stroke()
    context.fillText(us === 0 ? '0' : `${(us / 1000).toFixed(digits)} ms`, LEFT - 6, y)
  }
  context.textBaseline = 'top'
  const count = f.right - LEFT > 480 ? 5 : 2
  for (let i = 0; i < count; i++) {
    const at = from + ((to - from) * i) / (count - 1)
    context.textAlign = i === 0 ? 'left' : i === count - 1 ? 'right' : 'center'
    context.fillText(moment(at), f.x(at), f.floor + 6)
  }
}

function drawCurves(f: Frame, curves: readonly Curve[], lines: readonly Point[][][]): void {
  const { context } = f.s
  const taken: number[] = []
  for (const [i, parts] of lines.entries()) {
    const look = LOOK[Math.min(i, LOOK.length - 1)] ?? LOOK[0]
    context.strokeStyle = context.fillStyle = f.s.colour(look.colour)
    context.lineWidth = 1.6
    context.lineJoin = 'round'
    for (const part of parts) {
      context.setLineDash(look.dash as unknown as number[]) // canvas takes a mutable list, and leaves it alone
      drawPart(f, part)
    }
    context.setLineDash([])
    const last = parts.at(-1)?.at(-1)
    const name = curves[i]?.label
    if (last && name && curves.length > 1) drawName(f, name, f.y(last.us), taken)
  }
}

function drawPart({ s: { context }, x, y }: Frame, part: readonly Point[]): void {
  const only = part.length === 1 ? part[0] : undefined
  if (only) {
    context.fillRect(x(only.at) - 1, y(only.us) - 1, 2.5, 2.5)
    return
  }
  context.beginPath()
  for (const p of part) context.lineTo(x(p.at), y(p.us))
  context.stroke()
}

function drawName(f: Frame, name: string, y: number, taken: number[]): void {
  const { context } = f.s
  let place = y
  while (taken.some((t) => Math.abs(t - place) < 14)) place -= 14
  if (place < TOP) place = Math.max(y, ...taken) + 14
  taken.push(place)
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(name, f.right + 6, place, 50)
}
