// Package countrytest writes small files of the MaxMind DB format 2.0
// (maxmind.github.io/MaxMind-DB) for tests.
package countrytest

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// separator stands between the tree and the data.
const separator = 16

// File is what a test's file holds.
type File struct {
	Built    time.Time
	Prefixes map[string]string // prefix → two-letter code; prefixes must not overlap
}

// Write puts the file into the test's directory under a name and returns its
// path. It is moved into place whole, as an operator would.
func (f File) Write(t testing.TB, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path+".new", f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Bytes is the file: a tree of 24-bit records over IPv6, IPv4 below ::/96, and
// one map {"country_code": …} a prefix.
func (f File) Bytes() []byte {
	var data []byte
	tree := [][2]leaf{{}}
	for _, text := range slices.Sorted(maps.Keys(f.Prefixes)) {
		tree = insert(tree, netip.MustParsePrefix(text), len(data)+1)
		data = append(data, mapOf(1)...)
		data = append(append(data, stringOf("country_code")...), stringOf(f.Prefixes[text])...)
	}
	var out []byte
	for _, node := range tree {
		for _, l := range node {
			out = append(out, l.record(len(tree))...)
		}
	}
	out = append(append(out, make([]byte, separator)...), data...)
	return append(out, f.metadata(len(tree))...)
}

// leaf is one side of a node: another node, a place in the data, or nothing.
type leaf struct {
	node int
	data int // offset + 1
}

func (l leaf) record(nodes int) []byte {
	value := nodes // nothing
	switch {
	case l.node > 0:
		value = l.node
	case l.data > 0:
		value = nodes + separator + l.data - 1
	}
	return binary.BigEndian.AppendUint32(nil, uint32(value))[1:]
}

func insert(tree [][2]leaf, p netip.Prefix, data int) [][2]leaf {
	bits, length := p.Addr().As16(), p.Bits()
	if p.Addr().Is4() {
		bits, length = [16]byte{}, 96+p.Bits()
		four := p.Addr().As4()
		copy(bits[12:], four[:])
	}
	at := 0
	for i := range length {
		side := bits[i/8] >> (7 - i%8) & 1
		if i == length-1 {
			tree[at][side] = leaf{data: data}
			break
		}
		if tree[at][side].node == 0 {
			tree = append(tree, [2]leaf{})
			tree[at][side].node = len(tree) - 1
		}
		at = tree[at][side].node
	}
	return tree
}

func (f File) metadata(nodes int) []byte {
	out := append([]byte("\xab\xcd\xefMaxMind.com"), mapOf(9)...)
	for _, n := range []struct {
		key   string
		value []byte
	}{
		{"binary_format_major_version", unsigned(5, 2)},
		{"binary_format_minor_version", unsigned(5, 0)},
		{"build_epoch", unsigned(9, uint64(f.Built.Unix()))},
		{"database_type", stringOf("test-country")},
		{"description", append(append(mapOf(1), stringOf("en")...), stringOf("countries of a test")...)},
		{"ip_version", unsigned(5, 6)},
		{"languages", []byte{1, 11 - 7, 0x42, 'e', 'n'}}, // an array of one
		{"node_count", unsigned(6, uint64(nodes))},
		{"record_size", unsigned(5, 24)},
	} {
		out = append(append(out, stringOf(n.key)...), n.value...)
	}
	return out
}

func mapOf(pairs int) []byte { return []byte{7<<5 | byte(pairs)} }

func stringOf(s string) []byte {
	if len(s) < 29 {
		return append([]byte{2<<5 | byte(len(s))}, s...)
	}
	return append([]byte{2<<5 | 29, byte(len(s) - 29)}, s...)
}

// unsigned is a number of type 5 (16 bit), 6 (32 bit) or 9 (64 bit).
func unsigned(kind byte, v uint64) []byte {
	digits := binary.BigEndian.AppendUint64(nil, v)
	for len(digits) > 0 && digits[0] == 0 {
		digits = digits[1:]
	}
	if kind < 8 {
		return append([]byte{kind<<5 | byte(len(digits))}, digits...)
	}
	return append([]byte{byte(len(digits)), kind - 7}, digits...)
}
