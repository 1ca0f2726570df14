import { describe, expect, it } from 'vitest'
import { bands, pieces, reachOf, ticks } from '@/domain/curves'
import { lanes } from '@/domain/lanes'
import type { Result } from '@/domain/types'

const MINUTE = 60_000

const answer = (minute: number, us: number): Result => ({ checked_at: new Date(minute * MINUTE).toISOString(), line: 'a', status: 'ok', reason: 'reply', rtt_us: us, address: null })
const silence = (minute: number): Result => ({ ...answer(minute, 0), status: 'wr', reason: 'timeout', rtt_us: null })
const cells = (...results: Result[]) => lanes(results, ['a'], 60 * MINUTE, 15 * MINUTE).get('a') ?? []

describe('pieces', () => {
  it('breaks at a failure', () => {
    const c = pieces(cells(answer(0, 10), answer(5, 11), silence(10), answer(15, 12)), 0, 60 * MINUTE, 15 * MINUTE, 600)
    expect(c.map((p) => p.map((x) => x.us))).toEqual([[10, 11], [12]])
  })

  it('breaks where nothing was measured', () => {
    expect(pieces(cells(answer(0, 10), answer(40, 11)), 0, 60 * MINUTE, 15 * MINUTE, 600)).toHaveLength(2)
  })

  it('thins to the median, so that one late answer does not draw the hour', () => {
    const c = pieces(cells(answer(0, 10), answer(5, 900), answer(10, 11)), 0, 60 * MINUTE, 15 * MINUTE, 1)
    expect(c).toEqual([[{ at: 5 * MINUTE, us: 11 }]])
  })
})

it('bands join neighbours of one status', () => {
  expect(bands(cells(silence(0), silence(5), answer(10, 9)), 0, 60 * MINUTE)).toEqual([{ from: 0, to: 10 * MINUTE, status: 'wr' }])
})

describe('the axis', () => {
  it('has few round numbers that hold the largest', () => {
    for (const max of [0, 3, 47, 980, 12_345, 5_000_000]) {
      const t = ticks(max)
      expect(t.length).toBeGreaterThanOrEqual(2)
      expect(t.length).toBeLessThanOrEqual(6)
      expect(t.at(-1)).toBeGreaterThanOrEqual(max)
    }
    expect(ticks(47)).toEqual([0, 20, 40, 60])
  })

  it('is not stretched by a single late answer', () => {
    const steady = Array.from({ length: 200 }, (_, i) => ({ at: i, us: 10_000 }))
    expect(reachOf([[[...steady, { at: 300, us: 4_000_000 }]]])).toBeLessThan(20_000)
  })
})
