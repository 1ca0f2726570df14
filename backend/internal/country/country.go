// Package country tells in which country an address stands, by a file of the
// MaxMind DB format that may be replaced while it is used.
package country

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

const (
	// oldAge is from when on a file is too old to be relied on: addresses move
	// between countries as they are sold.
	oldAge = 180 * 24 * time.Hour

	warnEvery = 24 * time.Hour
	maxFile   = 512 << 20 // bytes; the file is held in memory
)

// Book is an open file. Its methods are safe for concurrent use.
type Book struct {
	path string
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	reader *maxminddb.Reader
	built  time.Time
	seen   os.FileInfo // of the newest file that was looked at, good or not
	warned time.Time
}

// Open reads the file. It is held in memory, so that nobody who writes over it
// pulls it away under a reader.
func Open(path string, now func() time.Time, log *slog.Logger) (*Book, error) {
	b := &Book{path: path, now: now, log: log}
	reader, info, err := load(path)
	if err != nil {
		return nil, err
	}
	b.take(reader, info)
	b.warn()
	return b, nil
}

func load(path string) (*maxminddb.Reader, os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read countries: %w", err)
	}
	if info.Size() > maxFile {
		return nil, info, fmt.Errorf("read countries: %s has more than %d bytes", path, maxFile)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, info, fmt.Errorf("read countries: %w", err)
	}
	reader, err := maxminddb.OpenBytes(content)
	if err == nil {
		err = walk(reader)
	}
	if err != nil {
		return nil, info, fmt.Errorf("read countries: %s: %w", path, err)
	}
	return reader, info, nil
}

// walk reads all of a file, so that one that is cut or spoilt is found before it
// is used. The library's own Verify also wants a description, which the files
// of ip-location-db do not have.
func walk(reader *maxminddb.Reader) error {
	read, countries := map[uintptr]bool{}, 0
	for network := range reader.Networks() {
		if err := network.Err(); err != nil {
			return err
		}
		if read[network.Offset()] {
			continue
		}
		read[network.Offset()] = true
		var record any
		if err := network.Decode(&record); err != nil {
			return err
		}
		if codeOf(network) != "" {
			countries++
		}
	}
	if countries == 0 {
		return errNoCountry
	}
	return nil
}

// take uses a file from now on. The lock is held, or nobody else has b yet.
func (b *Book) take(reader *maxminddb.Reader, info os.FileInfo) {
	b.reader, b.seen, b.built = reader, info, reader.Metadata.BuildTime().UTC()
}

// Look reads the file anew if it was replaced: by its time, size or inode. A
// file that cannot be read leaves the one before in use. Once a minute is often
// enough.
func (b *Book) Look(context.Context) error {
	defer b.warn()
	info, err := os.Stat(b.path)
	if err != nil {
		return fmt.Errorf("look at countries; those known are still used: %w", err)
	}
	b.mu.Lock()
	same := os.SameFile(b.seen, info) && b.seen.ModTime().Equal(info.ModTime()) && b.seen.Size() == info.Size()
	b.mu.Unlock()
	if same {
		return nil
	}
	reader, info, err := load(b.path)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if info != nil {
			b.seen = info // said once a file
		}
		return fmt.Errorf("those known are still used: %w", err)
	}
	b.take(reader, info)
	b.warned = time.Time{}
	b.log.Info("countries were read anew", "file", b.path, "built", b.built)
	return nil
}

// warn tells the operator once a day that the file is old.
func (b *Book) warn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.built) <= oldAge || now.Sub(b.warned) < warnEvery {
		return
	}
	b.warned = now
	b.log.Warn("the list of countries is older than 180 days; scripts/country-db installs a newer one",
		"file", b.path, "built", b.built)
}

// BuiltAt is when the file was made, by its own word.
func (b *Book) BuiltAt() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.built
}

// Old tells whether the file is older than 180 days.
func (b *Book) Old() bool { return b.now().Sub(b.BuiltAt()) > oldAge }

// errNoCountry says that a file is about something else.
var errNoCountry = errors.New("no record has a country_code or country.iso_code")

// Country is the two-letter code (ISO 3166-1) of where an address stands; "" if
// that is not known.
func (b *Book) Country(a netip.Addr) string {
	b.mu.Lock()
	reader := b.reader
	b.mu.Unlock()
	return codeOf(reader.Lookup(a.Unmap()))
}

// codeOf reads records of ip-location-db, and of GeoLite2 and DB-IP.
func codeOf(found maxminddb.Result) (code string) {
	if !found.Found() {
		return ""
	}
	if found.DecodePath(&code, "country_code") != nil || code == "" {
		_ = found.DecodePath(&code, "country", "iso_code")
	}
	if len(code) != 2 {
		return ""
	}
	return code
}
