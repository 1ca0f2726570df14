import { describe, expect, it } from 'vitest'
import { dayStart, lastDays } from '@/lib/zone'

const iso = (at: number) => new Date(at).toISOString()

describe('lastDays', () => {
  it('starts today and goes back, in the zone', () => {
    const days = lastDays(Date.parse('2026-11-22T16:00:00Z'), 9, 'Asia/Tokyo')
    expect(days).toHaveLength(10)
    expect(iso(days[0]?.from ?? 0)).toBe('2026-11-22T15:00:00.000Z') // it is the 23rd in Tokyo
    expect(iso(days[9]?.from ?? 0)).toBe('2026-11-13T15:00:00.000Z')
  })

  it('leaves no gap and no overlap, also where clocks change', () => {
    const days = lastDays(Date.parse('2026-11-05T12:00:00Z'), 9, 'America/New_York')
    for (const [i, day] of days.slice(1).entries()) expect(day.to).toBe(days[i]?.from)
    const hours = days.map((d) => (d.to - d.from) / 3_600_000)
    expect(hours).toContain(25) // 1 November 2026
    expect(hours.filter((h) => h === 24)).toHaveLength(9)
  })

  it('knows days that do not begin at 0:00', () => {
    // In Beirut clocks went from 0:00 to 1:00 on 29 March 2026.
    expect(iso(dayStart(2026, 3, 29, 'Asia/Beirut'))).toBe('2026-03-28T22:00:00.000Z')
    expect(iso(dayStart(2026, 3, 30, 'Asia/Beirut'))).toBe('2026-03-29T21:00:00.000Z')
  })
})
