package report

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// words writes cells in the way that a download asks for.
type words struct {
	language uptime.Language
	zone     *time.Location
	excel    bool // for people: their language, their zone, no offset
}

func wordsOf(d uptime.Download) (words, error) {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return words{}, fmt.Errorf("download in the zone %q: %w", d.Zone, err)
	}
	return words{language: uptime.ParseLanguage(d.Locale), zone: zone, excel: d.Excel && d.Format == uptime.CSV}, nil
}

// time is RFC 3339 with offset in ms, or as spreadsheets read it; "" for none.
func (w words) time(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case w.excel:
		return t.In(w.zone).Format("2006/01/02 15:04:05")
	}
	return t.In(w.zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// millis is a round trip in ms with three decimals; "" without one.
func millis(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 3, 64)
}

// percent is cut to three decimals, never rounded up: 100.000 is all of it.
func percent(ratio float64, ok bool) string {
	if !ok {
		return ""
	}
	return strconv.FormatFloat(cut(ratio), 'f', 3, 64)
}

// cut is a ratio in percent, truncated to three decimals. The tiny term takes
// back what a product such as 0.29 × 100 lost.
func cut(ratio float64) float64 { return math.Floor(ratio*1e5+1e-9) / 1e3 }

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// minutes has one decimal.
func minutes(d time.Duration) string {
	return strconv.FormatFloat(math.Floor(d.Minutes()*10)/10, 'f', 1, 64)
}

// duration of an incident: until it ended, else as long as it was seen.
func duration(i uptime.Incident, now time.Time) time.Duration {
	switch {
	case !i.ObservedUntil.IsZero():
		return i.ObservedUntil.Sub(i.StartedAt)
	case !i.EndedAt.IsZero():
		return i.EndedAt.Sub(i.StartedAt)
	}
	return now.Sub(i.StartedAt)
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// cell keeps a text that people wrote from being a formula in a spreadsheet
// (OWASP, CSV injection).
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

func portText(p uint16) string {
	if p == 0 {
		return ""
	}
	return strconv.Itoa(int(p))
}
