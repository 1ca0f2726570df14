package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

var (
	noon = time.Date(2026, 11, 22, 3, 5, 0, int(7*time.Millisecond), time.UTC)
	day  = uptime.Span{From: noon.Add(-time.Hour), To: noon.Add(23 * time.Hour)}
)

// shelf is a store in memory, of account 1.
type shelf struct {
	monitors  []uptime.Monitor
	results   map[int64][]uptime.Result
	incidents map[int64][]uptime.Incident
	gaps      map[int64][]uptime.Span
	gone      map[int64]bool // deleted since it was listed
}

func (s *shelf) Monitor(_ context.Context, accountID, id int64) (uptime.Monitor, error) {
	i := slices.IndexFunc(s.monitors, func(m uptime.Monitor) bool { return m.ID == id && m.AccountID == accountID })
	if i < 0 {
		return uptime.Monitor{}, uptime.ErrNotFound
	}
	return s.monitors[i], nil
}

func (s *shelf) Monitors(_ context.Context, accountID int64, f uptime.MonitorFilter) (page []uptime.Monitor, err error) {
	for _, m := range s.monitors {
		if m.AccountID == accountID && m.ID > f.After && len(page) < f.Limit {
			page = append(page, m)
		}
	}
	return page, nil
}

func (s *shelf) EachResult(_ context.Context, _, id int64, span uptime.Span, visit func(uptime.Result) error) error {
	if s.gone[id] {
		return uptime.ErrNotFound
	}
	for _, r := range s.results[id] {
		if r.At.Before(span.From) || !r.At.Before(span.To) {
			continue
		}
		if err := visit(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Samples(_ context.Context, _, id int64, _ uptime.Span) (samples []uptime.Sample, err error) {
	for _, r := range s.results[id] {
		samples = append(samples, r.Sample)
	}
	return samples, nil
}

func (s *shelf) NotWatched(_ context.Context, _, id int64, _ uptime.Span) ([]uptime.Span, error) {
	return s.gaps[id], nil
}

func (s *shelf) MonitorIncidents(_ context.Context, _, id int64, _ uptime.Span) ([]uptime.Incident, error) {
	return s.incidents[id], nil
}

func result(after time.Duration, reason uptime.Reason, line uptime.LineID, rtt time.Duration) uptime.Result {
	r := uptime.Result{Sample: uptime.Sample{At: noon.Add(after), Reason: reason, Line: line, RTT: rtt}}
	if reason.Status() != uptime.ERR {
		r.Addr = netip.MustParseAddr("203.0.113.5")
	}
	return r
}

func stocked() *shelf {
	return &shelf{
		monitors: []uptime.Monitor{
			{ID: 7, AccountID: 1, TargetID: 3, Host: "www.example.jp", Label: "=本社,ウェブ", Service: uptime.HTTP, Port: 80, Standing: uptime.NewStanding(noon)},
			{ID: 8, AccountID: 1, TargetID: 3, Host: "www.example.jp", Service: uptime.Ping, Standing: uptime.NewStanding(noon)},
		},
		results: map[int64][]uptime.Result{7: {
			result(0, uptime.Connected, 1, 11234*time.Microsecond), result(5*time.Minute, uptime.Timeout, 2, 0),
			result(10*time.Minute, uptime.Refused, 1, 500*time.Microsecond), result(15*time.Minute, uptime.DNSNotFound, 2, 0),
		}},
		incidents: map[int64][]uptime.Incident{7: {{
			ID: 5, MonitorID: 7, StartedAt: noon.Add(5 * time.Minute), ConfirmedAt: noon.Add(10 * time.Minute),
			EndedAt: noon.Add(30 * time.Minute), Cause: uptime.Timeout, Lines: []uptime.LineID{2, 1}, MailedAt: noon.Add(11 * time.Minute),
		}}},
	}
}

func reportsOf(s *shelf) *Reports {
	return New(Config{
		Store: s, Interval: func() time.Duration { return 5 * time.Minute }, Timeout: 5 * time.Second,
		Lines: []uptime.LineID{1, 2}, LineName: func(id uptime.LineID) string { return map[uptime.LineID]string{1: "a", 2: "b"}[id] },
	})
}

func download(t *testing.T, d uptime.Download) string {
	t.Helper()
	d.AccountID, d.From, d.To = 1, day.From, day.To
	d.Describe = func(m uptime.Monitor) any { return map[string]any{"id": m.ID, "host": m.Host} }
	if d.Zone == "" {
		d.Zone, d.Locale = "Asia/Tokyo", "ja"
	}
	var out bytes.Buffer
	if err := reportsOf(stocked()).Download(t.Context(), &out, d); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestResultsAsCSVForScripts(t *testing.T) {
	t.Parallel()
	want := strings.ReplaceAll(`checked_at,host,label,service,port,status,reason,reason_text,line,rtt_ms,address,monitor_id
2026-11-22T12:05:00.007+09:00,www.example.jp,"'=本社,ウェブ",http,80,ok,connected,接続できました,a,11.234,203.0.113.5,7
2026-11-22T12:10:00.007+09:00,www.example.jp,"'=本社,ウェブ",http,80,wr,timeout,5秒待っても応答なし,b,,203.0.113.5,7
2026-11-22T12:15:00.007+09:00,www.example.jp,"'=本社,ウェブ",http,80,ng,refused,接続を拒否されました,a,0.500,203.0.113.5,7
2026-11-22T12:20:00.007+09:00,www.example.jp,"'=本社,ウェブ",http,80,err,dns_not_found,ドメイン名が存在しません,b,,,7
`, "\n", "\r\n")
	if got := download(t, uptime.Download{MonitorID: 7, Format: uptime.CSV, Part: uptime.ResultsPart}); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestResultsAsCSVForSpreadsheets(t *testing.T) {
	t.Parallel()
	got := download(t, uptime.Download{MonitorID: 7, Format: uptime.CSV, Part: uptime.ResultsPart, Excel: true})
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got, byteOrderMark))).ReadAll()
	if err != nil || !strings.HasPrefix(got, byteOrderMark) || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][0] != "測定日時 (Asia/Tokyo)" || rows[1][0] != "2026/11/22 12:05:00" || rows[1][5] != "応答あり" {
		t.Errorf("got %v", rows[:2])
	}
}

func TestIncidentsAndSummary(t *testing.T) {
	t.Parallel()
	want := "2026-11-22T12:10:00.007+09:00,2026-11-22T12:15:00.007+09:00,2026-11-22T12:35:00.007+09:00,,25.0,timeout,b a," +
		"2026-11-22T12:16:00.007+09:00,www.example.jp,\"'=本社,ウェブ\",http,7\r\n"
	if got := download(t, uptime.Download{MonitorID: 7, Format: uptime.CSV, Part: uptime.IncidentsPart}); !strings.HasSuffix(got, "\r\n"+want) {
		t.Errorf("incidents\n%s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(download(t, uptime.Download{Format: uptime.CSV, Part: uptime.SummaryPart}))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	// One good result covers 300 s; the others lie in the incident, the last of
	// them covers 450 s.
	if got := strings.Join(rows[1][6:14], " "); got != "300 1050 85050 0 22.222 1.562 0 7" {
		t.Errorf("summary %s", got)
	}
	if got := strings.Join(rows[1][14:], " "); got != "11.234 11.234 11.234   " {
		t.Errorf("round trips %q", got)
	}
	if rows[2][10] != "" || rows[2][11] != "0.000" {
		t.Errorf("never measured: uptime %q, coverage %q", rows[2][10], rows[2][11])
	}
}

func TestJSONIsOneDocument(t *testing.T) {
	t.Parallel()
	var one struct {
		Monitor struct{ Host string }
		Results []struct {
			Line  *string
			RTTUS *int64 `json:"rtt_us"`
		}
	}
	if err := json.Unmarshal([]byte(download(t, uptime.Download{MonitorID: 7, Format: uptime.JSON, Part: uptime.ResultsPart})), &one); err != nil {
		t.Fatal(err)
	}
	if len(one.Results) != 4 || *one.Results[0].Line != "a" || *one.Results[0].RTTUS != 11234 || one.Results[1].RTTUS != nil {
		t.Errorf("got %+v", one)
	}
	for _, part := range []uptime.Part{uptime.ResultsPart, uptime.IncidentsPart, uptime.SummaryPart} {
		var all struct{ Monitors []map[string]any }
		if err := json.Unmarshal([]byte(download(t, uptime.Download{Format: uptime.JSON, Part: part})), &all); err != nil || len(all.Monitors) != 2 {
			t.Errorf("%s: %d monitors, %v", part, len(all.Monitors), err)
		}
		if all.Monitors[0][string(part)] == nil {
			t.Errorf("%s is missing", part)
		}
	}
}

func TestAMonitorThatIsDeletedMeanwhileBreaksNoDownloadOfAll(t *testing.T) {
	t.Parallel()
	s := stocked()
	s.monitors[0], s.monitors[1] = s.monitors[1], s.monitors[0]
	s.gone = map[int64]bool{8: true}
	d := uptime.Download{AccountID: 1, Format: uptime.CSV, Part: uptime.ResultsPart, Zone: "UTC", Locale: "en", From: day.From, To: day.To}
	var out bytes.Buffer
	if err := reportsOf(s).Download(t.Context(), &out, d); err != nil || strings.Count(out.String(), "\r\n") != 5 {
		t.Errorf("%v\n%s", err, out.String())
	}
	d.MonitorID = 8
	if err := reportsOf(s).Download(t.Context(), &out, d); !errors.Is(err, uptime.ErrNotFound) {
		t.Errorf("alone: %v", err)
	}
}

func TestNothingIsWrittenForWhatTheAccountDoesNotHave(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := uptime.Download{AccountID: 2, MonitorID: 7, Format: uptime.CSV, Part: uptime.ResultsPart, Zone: "UTC"}
	if err := reportsOf(stocked()).Download(t.Context(), &out, d); !errors.Is(err, uptime.ErrNotFound) || out.Len() != 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

func TestPercentagesAreCutNeverRoundedUp(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[float64]string{1: "100.000", 0.9999999: "99.999", 0.29: "29.000", 0: "0.000", 0.123456: "12.345"} {
		if got := percent(ratio, true); got != want {
			t.Errorf("%v: %s, want %s", ratio, got, want)
		}
	}
}

func TestAReportSumsUpByLine(t *testing.T) {
	t.Parallel()
	s := stocked()
	s.results[8] = nil
	for i := range 100 {
		s.results[8] = append(s.results[8], result(time.Duration(i)*5*time.Minute, uptime.Reply, uptime.LineID(1+i%2), time.Duration(i+1)*time.Millisecond))
	}
	rep, err := reportsOf(s).Report(t.Context(), 1, 8, day)
	if err != nil {
		t.Fatal(err)
	}
	want := uptime.RoundTrip{Count: 100, Avg: 50500 * time.Microsecond, P50: 50 * time.Millisecond, P95: 95 * time.Millisecond}
	if rep.Overall != want || len(rep.Lines) != 2 || rep.Lines[1].P95 != 96*time.Millisecond {
		t.Errorf("overall %+v, lines %+v", rep.Overall, rep.Lines)
	}
}
