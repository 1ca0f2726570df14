import type { Run } from '@/domain/lanes'
import type { Status } from '@/domain/types'
import type { Surface } from '@/charts/canvas'

/** Status is height as well as colour: a part of the lane. */
const HEIGHT: Record<Status, number> = { ok: 0.3, wr: 0.6, ng: 1, err: 1, unknown: 0.22 }

const FILL: Record<Status, string> = { ok: 'ok-fill', wr: 'wr-fill', ng: 'ng-fill', err: 'err-fill', unknown: 'unknown-fill' }

/** Draws a run; `x` and `width` in CSS pixels, `bottom` is the lane's baseline. */
export function drawRun(s: Surface, run: Run, x: number, width: number, bottom: number, height: number): void {
  const h = Math.max(2, Math.round(height * HEIGHT[run.status]))
  s.context.fillStyle = s.colour(FILL[run.status])
  if (run.status === 'unknown') {
    hatch(s, x, bottom - h, width, h)
    return
  }
  s.context.fillRect(x, bottom - h, width, h)
  if (run.status === 'err') notch(s, x + width / 2, bottom - h, Math.min(4, width / 2), h * 0.45)
}

function hatch({ context }: Surface, x: number, y: number, width: number, height: number): void {
  for (let i = 0; i < width; i += 4) context.fillRect(x + i, y, Math.min(2, width - i), height)
}

/** A cut from the top, which tells err from ng without colour. */
function notch({ context }: Surface, middle: number, top: number, half: number, depth: number): void {
  context.clearRect(middle - half / 2, top, half, depth)
}
