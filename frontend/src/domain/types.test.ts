import { describe, expect, it } from 'vitest'
import { burns, checkFirst, monitorMark, protocolName } from '@/domain/types'

describe('a monitor’s mark', () => {
  it('is its state unless it is watched', () => {
    expect(monitorMark({ state: 'stopped', status: 'ng' })).toBe('stopped')
    expect(monitorMark({ state: 'paused', status: 'ok' })).toBe('paused')
    expect(monitorMark({ state: 'active', status: 'wr' })).toBe('wr')
    expect(monitorMark({ state: 'active', status: null })).toBe('unknown')
  })

  it('burns only when confirmed or stopped', () => {
    expect(burns({ state: 'active', verdict: 'down' })).toBe(true)
    expect(burns({ state: 'stopped', verdict: 'down' })).toBe(true)
    expect(burns({ state: 'active', verdict: 'pending' })).toBe(false)
    expect(burns({ state: 'paused', verdict: 'down' })).toBe(false)
  })
})

describe('what to check first', () => {
  it('tells about TCP 53 for DNS and never of ports for PING', () => {
    expect(checkFirst('timeout', 'dns')).toContain('tcp53')
    expect(checkFirst('timeout', 'dns')).not.toContain('port')
    expect(checkFirst('timeout', 'ping')).not.toContain('port')
    expect(checkFirst('refused', 'http')).toEqual(['running', 'port', 'allowed'])
  })
})

it('names services with their port', () => {
  expect(protocolName('http')).toBe('HTTP(80)')
  expect(protocolName('ping')).toBe('PING')
})
