/** Calendar arithmetic in a time zone. Times are milliseconds since 1970. */

/** The zone of this device. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Tokyo'
}

/** All zones to choose from; `first` and the usual ones stand on top. */
export function zones(first: string): string[] {
  return [...new Set([first, 'Asia/Tokyo', 'UTC', ...Intl.supportedValuesOf('timeZone')])]
}

interface Calendar {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string): Intl.DateTimeFormat {
  let f = formats.get(zone)
  if (!f) {
    f = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
    formats.set(zone, f)
  }
  return f
}

export function calendar(at: number, zone: string): Calendar {
  const parts = new Map(format(zone).formatToParts(at).map((p) => [p.type, Number(p.value)]))
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute'), second: part('second') }
}

/** How far the zone's clocks are ahead of UTC. */
function offset(at: number, zone: string): number {
  const c = calendar(at, zone)
  return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second) - Math.floor(at / 1000) * 1000
}

/** The first moment of a calendar day; `day` may lie outside its month, as in Date.UTC. */
export function dayStart(year: number, month: number, day: number, zone: string): number {
  const wall = Date.UTC(year, month - 1, day)
  const guess = wall - offset(wall, zone)
  const better = wall - offset(guess, zone)
  if (better === guess) return guess
  // The clocks change near midnight. The day begins when its date first shows.
  const early = Math.min(guess, better)
  const late = Math.max(guess, better)
  return calendar(early, zone).day === new Date(wall).getUTCDate() ? early : late
}

export interface Day {
  from: number
  to: number // exclusive
}

/** The calendar day that holds `now` and the `before` days before it, newest first. */
export function lastDays(now: number, before: number, zone: string): Day[] {
  const c = calendar(now, zone)
  return Array.from({ length: before + 1 }, (_, i) => ({
    from: dayStart(c.year, c.month, c.day - i, zone),
    to: dayStart(c.year, c.month, c.day - i + 1, zone),
  }))
}
