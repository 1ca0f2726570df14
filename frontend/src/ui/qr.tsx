import { useMemo } from 'react'
import { encode } from 'uqr'

/** A QR code, dark on light in both themes, since readers expect that. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: 'M', border: 4 })
    return { size, path: data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('') }
  }, [text])
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" className="block size-48 rounded-card">
      <rect width={size} height={size} className="fill-qr-light" />
      <path d={path} className="fill-qr-dark" />
    </svg>
  )
}
