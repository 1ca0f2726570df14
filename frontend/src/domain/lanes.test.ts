import { describe, expect, it } from 'vitest'
import { cellAt, countStatuses, lanes, runs } from '@/domain/lanes'
import type { Result, Status } from '@/domain/types'

const MINUTE = 60_000
const day = { from: 0, to: 1440 * MINUTE }

/** A result of line a or b, `minute` minutes after midnight. */
function result(minute: number, line: string, status: Status = 'ok'): Result {
  return { checked_at: new Date(minute * MINUTE).toISOString(), line, status, reason: status === 'ok' ? 'reply' : 'timeout', rtt_us: null, address: null }
}

/** Checks every 5 minutes over a and b in turn; `bad` names the minutes that fail. */
function alternating(until: number, bad: readonly number[] = []): Result[] {
  return Array.from({ length: until / 5 }, (_, i) => result(i * 5, i % 2 ? 'b' : 'a', bad.includes(i * 5) ? 'wr' : 'ok'))
}

describe('lanes', () => {
  it('fills a lane until that line’s next check', () => {
    const both = lanes(alternating(30), ['a', 'b'], 30 * MINUTE, 15 * MINUTE)
    expect(both.get('a')?.map((c) => [c.from / MINUTE, c.to / MINUTE])).toEqual([[0, 10], [10, 20], [20, 30]])
    expect(both.get('b')?.map((c) => [c.from / MINUTE, c.to / MINUTE])).toEqual([[5, 15], [15, 25], [25, 30]])
  })

  it('leaves a gap where nothing was measured', () => {
    const a = lanes([result(0, 'a'), result(120, 'a')], ['a'], 600 * MINUTE, 15 * MINUTE).get('a')
    expect(a?.map((c) => c.to / MINUTE)).toEqual([15, 135])
  })

  it('keeps results of a line that is no longer configured', () => {
    expect(lanes([result(0, 'old')], ['a'], MINUTE, MINUTE).get('old')).toHaveLength(1)
  })
})

describe('runs', () => {
  it('joins a healthy day to one rail', () => {
    const a = lanes(alternating(1440), ['a', 'b'], day.to, 15 * MINUTE).get('a') ?? []
    expect(runs(a, day, 144)).toEqual([{ from: 0, to: 144, status: 'ok' }])
  })

  it('never loses a single failure, however narrow the day', () => {
    for (const columns of [1, 10, 70, 144, 500]) {
      const a = lanes(alternating(1440, [720]), ['a', 'b'], day.to, 15 * MINUTE).get('a') ?? []
      const wr = runs(a, day, columns).filter((r) => r.status === 'wr')
      expect(wr).toHaveLength(1)
    }
  })

  it('shows the worst where several results meet', () => {
    const cells = lanes([result(0, 'a', 'wr'), result(1, 'a', 'ng'), result(2, 'a', 'ok')], ['a'], 3 * MINUTE, MINUTE).get('a') ?? []
    expect(runs(cells, day, 24)).toEqual([{ from: 0, to: 1, status: 'ng' }])
  })

  it('draws nothing for other days', () => {
    const cells = lanes([result(1500, 'a')], ['a'], 1600 * MINUTE, MINUTE).get('a') ?? []
    expect(runs(cells, day, 24)).toEqual([])
  })
})

describe('what the table and the pointer read', () => {
  const cells = lanes(alternating(60, [20]), ['a', 'b'], 60 * MINUTE, 15 * MINUTE).get('a') ?? []

  it('counts each result once', () => {
    expect(countStatuses(cells, day)).toEqual({ ok: 5, ng: 0, wr: 1, err: 0, unknown: 0 })
  })

  it('finds the failure near the pointer', () => {
    expect(cellAt(cells, 25 * MINUTE, 0)?.result.status).toBe('wr')
    expect(cellAt(cells, 19 * MINUTE, 2 * MINUTE)?.result.status).toBe('wr')
    expect(cellAt(cells, 600 * MINUTE, 0)).toBeUndefined()
  })
})
