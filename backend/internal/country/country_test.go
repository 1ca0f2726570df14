package country

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/country/countrytest"
)

// today is when the tests run.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a file with a few countries.
func world() countrytest.File {
	return countrytest.File{Built: today.AddDate(0, 0, -10), Prefixes: map[string]string{
		"1.0.16.0/20": "JP", "8.8.8.0/24": "US", "2001:200::/32": "JP", "2001:4860::/32": "US", "9.9.9.9/32": "",
	}}
}

// open is a file in use, with what it logs.
func open(t *testing.T, f countrytest.File, now func() time.Time) (book *Book, dir string, log *bytes.Buffer) {
	t.Helper()
	dir, log = t.TempDir(), &bytes.Buffer{}
	book, err := Open(f.Write(t, dir, "country.mmdb"), now, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return book, dir, log
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestAnAddressStandsWhereTheFileSays(t *testing.T) {
	t.Parallel()
	book, _, log := open(t, world(), at(today))
	for addr, want := range map[string]string{
		"1.0.16.0": "JP", "1.0.31.255": "JP", "1.0.32.0": "", "8.8.8.8": "US", "::ffff:8.8.8.8": "US", "8.8.9.1": "",
		"2001:200::1": "JP", "2001:4860:4860::8888": "US", "2001:201::": "", "9.9.9.9": "",
	} {
		if got := book.Country(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s stands in %q, want %q", addr, got, want)
		}
	}
	if !book.BuiltAt().Equal(today.AddDate(0, 0, -10)) || book.Old() || log.Len() > 0 {
		t.Errorf("built %v, old %v, said %s", book.BuiltAt(), book.Old(), log)
	}
}

func TestARuleAllowsItsCountriesAndNothingUnknown(t *testing.T) {
	t.Parallel()
	book, _, _ := open(t, world(), at(today))
	rule := &Rule{Book: book, Allowed: []string{"DE", "JP"}, Global: func(a netip.Addr) bool { return !a.IsPrivate() }}
	for text, want := range map[string]error{
		"": nil, "1.0.16.1": nil, "1.0.16.1 2001:200::1": nil, "192.168.1.1": nil,
		"8.8.8.8": ErrForbidden, "1.0.16.1 2001:4860::1": ErrForbidden, "192.168.1.1 8.8.8.8": ErrForbidden,
		"9.9.9.9": ErrUnknown, "1.0.16.1 1.0.32.0": ErrUnknown,
	} {
		var addrs []netip.Addr
		for _, a := range strings.Fields(text) {
			addrs = append(addrs, netip.MustParseAddr(a))
		}
		if err := rule.Check(addrs...); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestAFileIsReplacedWhileItIsUsed(t *testing.T) {
	t.Parallel()
	book, dir, _ := open(t, world(), at(today))
	addr := netip.MustParseAddr("1.0.16.1")
	look := func() error { return book.Look(context.Background()) }
	if err := look(); err != nil {
		t.Fatal(err)
	}
	moved := world()
	moved.Prefixes["1.0.16.0/20"] = "KR"
	path := moved.Write(t, dir, "country.mmdb")
	if err := look(); err != nil || book.Country(addr) != "KR" {
		t.Fatalf("%v, stands in %q", err, book.Country(addr))
	}
	whole := moved.Bytes()
	for what, content := range map[string][]byte{"half a file": whole[:len(whole)/2], "something else": []byte("hello"), "nothing": nil} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := look(); err == nil {
			t.Errorf("%s was taken", what)
		}
		if err := look(); err != nil {
			t.Errorf("%s is told twice: %v", what, err)
		}
		if book.Country(addr) != "KR" {
			t.Errorf("with %s it stands in %q", what, book.Country(addr))
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := look(); err == nil || book.Country(addr) != "KR" {
		t.Errorf("without a file: %v, stands in %q", err, book.Country(addr))
	}
	world().Write(t, dir, "country.mmdb")
	if err := look(); err != nil || book.Country(addr) != "JP" {
		t.Errorf("after the repair: %v, stands in %q", err, book.Country(addr))
	}
}

func TestAnOldFileWarnsOnceADay(t *testing.T) {
	t.Parallel()
	now := today
	f := world()
	f.Built = today.Add(-oldAge)
	book, dir, log := open(t, f, func() time.Time { return now })
	warnings := func() int { return strings.Count(log.String(), "older than 180 days") }
	if book.Old() || warnings() != 0 {
		t.Errorf("old %v, %d warnings at 180 days", book.Old(), warnings())
	}
	for i := range 25 {
		now = today.Add(time.Hour + time.Duration(i)*time.Hour)
		if err := book.Look(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if !book.Old() || warnings() != 2 {
		t.Errorf("old %v, %d warnings in 24 hours and one, want 2", book.Old(), warnings())
	}
	world().Write(t, dir, "country.mmdb")
	if err := book.Look(context.Background()); err != nil || book.Old() {
		t.Errorf("%v, old %v after it was replaced", err, book.Old())
	}
}

func TestWhatIsNoListOfCountriesIsNotOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := dir + "/bad.mmdb"
	if err := os.WriteFile(bad, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir + "/missing.mmdb", bad, dir} {
		if _, err := Open(path, at(today), slog.Default()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
