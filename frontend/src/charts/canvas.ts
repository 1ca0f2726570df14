import { useEffect, useRef, type RefObject } from 'react'

export interface Surface {
  context: CanvasRenderingContext2D
  width: number // CSS pixels
  height: number
  colour: (token: string) => string
}

/**
 * Draws on a canvas now, when its width changes and when light turns to dark.
 * `draw` must be stable (useCallback), `height` is in CSS pixels.
 */
export function useCanvas(draw: (s: Surface) => void, height: number): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const canvas = ref.current
    if (!canvas) return
    const paint = () => {
      paintOn(canvas, height, draw)
    }
    const size = new ResizeObserver(paint)
    size.observe(canvas)
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', paint)
    return () => {
      size.disconnect()
      dark.removeEventListener('change', paint)
    }
  }, [draw, height])
  return ref
}

function paintOn(canvas: HTMLCanvasElement, height: number, draw: (s: Surface) => void): void {
  const context = canvas.getContext('2d')
  const width = canvas.clientWidth
  if (!context || width === 0) return
  const ratio = window.devicePixelRatio || 1
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const style = getComputedStyle(canvas)
  draw({ context, width, height, colour: (token) => style.getPropertyValue(`--color-${token}`).trim() })
}
