/** The least file of the MaxMind DB format: it knows the country of 8000::/1 only, where no address is in use. */

const text = (s: string) => Buffer.concat([Buffer.of((2 << 5) | s.length), Buffer.from(s)])
const number = (type: number, n: number, bytes: number) => {
  const value = Buffer.alloc(bytes)
  value.writeUIntBE(n, 0, bytes)
  return Buffer.concat([type < 8 ? Buffer.of((type << 5) | bytes) : Buffer.of(bytes, type - 7), value])
}
const UINT16 = 5
const UINT32 = 6
const UINT64 = 9

/** `builtAt` in seconds since 1970. */
export function tinyCountryDb(builtAt: number): Buffer {
  const facts: readonly (readonly [string, Buffer])[] = [
    ['node_count', number(UINT32, 1, 4)],
    ['record_size', number(UINT16, 24, 2)],
    ['ip_version', number(UINT16, 6, 2)],
    ['database_type', text('Tiny')],
    ['languages', Buffer.of(0, 11 - 7)], // an array of none
    ['binary_format_major_version', number(UINT16, 2, 2)],
    ['binary_format_minor_version', number(UINT16, 0, 2)],
    ['build_epoch', number(UINT64, builtAt, 6)],
    ['description', Buffer.of(7 << 5)], // a map of none
  ]
  const tree = Buffer.of(0, 0, 1, 0, 0, 1 + 16) // one node: left to nothing, right to the first record, 16 bytes beyond the tree
  const record = Buffer.concat([Buffer.of((7 << 5) | 1), text('country_code'), text('JP')])
  const marker = Buffer.concat([Buffer.of(0xab, 0xcd, 0xef), Buffer.from('MaxMind.com')])
  return Buffer.concat([tree, Buffer.alloc(16), record, marker, Buffer.of((7 << 5) | facts.length), ...facts.flatMap(([name, value]) => [text(name), value])])
}
