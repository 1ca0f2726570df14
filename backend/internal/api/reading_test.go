package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestResultsComeOldestFirstPageByPageEachOnce(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "a.example", uptime.HTTP).Monitors[0].ID
	// Several results of one millisecond lie across the ends of pages.
	for i, minute := range []int{0, 5, 5, 5, 5, 5, 10, 15, 15, 20} {
		r := uptime.Result{MonitorID: id, Addr: netip.MustParseAddr("203.0.113.9"), Sample: uptime.Sample{
			At: at(11, minute), Reason: uptime.Connected, Line: uptime.LineID(i%2 + 1), RTT: time.Duration(i+1) * time.Millisecond,
		}}
		a.f.results = append(a.f.results, r)
	}
	for limit := 1; limit <= 11; limit++ {
		var got []int64
		query := url.Values{"limit": {fmt.Sprint(limit)}}
		for {
			var list ResultList
			a.ok(200, request{method: "GET", path: fmt.Sprintf("/monitors/%d/results?%s", id, query.Encode())}, &list)
			for _, r := range list.Items {
				got = append(got, *r.RTTUS/1000)
			}
			if list.NextCursor == nil {
				break
			}
			query.Set("cursor", *list.NextCursor)
		}
		if !slices.Equal(got, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
}

func TestAResultShowsWhatIsKnown(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "a.example", uptime.HTTP).Monitors[0].ID
	a.f.results = []uptime.Result{
		{MonitorID: id, Addr: netip.MustParseAddr("203.0.113.9"), Sample: uptime.Sample{At: at(11, 0).Add(7 * time.Millisecond), Reason: uptime.Connected, Line: 1, RTT: 1500 * time.Microsecond}},
		{MonitorID: id, Sample: uptime.Sample{At: at(11, 5), Reason: uptime.DNSNotFound, Line: 2}},
		{MonitorID: id, Sample: uptime.Sample{At: at(11, 10), Reason: uptime.LineDown}},
	}
	w := a.ok(200, request{method: "GET", path: fmt.Sprintf("/monitors/%d/results", id)}, nil)
	want := `{"items":[` +
		`{"checked_at":"2026-11-22T11:00:00.007Z","status":"ok","reason":"connected","line":"a","rtt_us":1500,"address":"203.0.113.9"},` +
		`{"checked_at":"2026-11-22T11:05:00Z","status":"err","reason":"dns_not_found","line":"b","rtt_us":null,"address":null},` +
		`{"checked_at":"2026-11-22T11:10:00Z","status":"unknown","reason":"line_down","line":null,"rtt_us":null,"address":null}` +
		`],"next_cursor":null}`
	if w.Body.String() != want {
		t.Errorf("got  %s\nwant %s", w.Body, want)
	}
	a.ok(200, request{method: "GET", path: fmt.Sprintf("/monitors/%d/results?from=2026-11-22T20:05:00+09:00&to=2026-11-22T11:10:00Z", id)}, nil)
}

func TestIncidentsGoOnWhereTheyEnded(t *testing.T) {
	a := newApp(t)
	for i := range 5 {
		a.f.incidents = append(a.f.incidents, uptime.Incident{ID: int64(9 - i), MonitorID: 11, Host: "a.example", Service: uptime.HTTP, StartedAt: at(10, 0), ConfirmedAt: at(10, 5), Cause: uptime.Timeout, Lines: []uptime.LineID{1, 2}})
	}
	a.f.incidents[4].EndedAt = at(10, 30)
	var got []int64
	path := "/incidents?limit=2"
	for {
		var list IncidentList
		a.ok(200, request{method: "GET", path: path}, &list)
		for _, i := range list.Items {
			got = append(got, i.ID)
		}
		if list.NextCursor == nil {
			break
		}
		path = "/incidents?limit=2&cursor=" + *list.NextCursor
	}
	if !slices.Equal(got, []int64{9, 8, 7, 6, 5}) {
		t.Errorf("got %v", got)
	}
	var ended IncidentList
	a.ok(200, request{method: "GET", path: "/incidents?open=0"}, &ended)
	if len(ended.Items) != 1 || ended.Items[0].EndedAt == nil || ended.Items[0].Cause != "timeout" || !slices.Equal(ended.Items[0].Lines, []string{"a", "b"}) {
		t.Errorf("ended %+v", ended.Items)
	}
}

func TestTheReportTruncatesAndNeverRoundsUpTo100(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "a.example", uptime.HTTP).Monitors[0].ID
	var got ReportResponse
	a.ok(200, request{method: "GET", path: fmt.Sprintf("/monitors/%d/report", id)}, &got)
	if *got.UptimePct != 99.99 || *got.CoveragePct != 99.99 || got.UpSeconds != 99999 || got.UnknownSeconds != 1.5 || got.UnconfirmedFailures != 3 {
		t.Errorf("got %+v", got)
	}
	if *got.RoundTrip.P95US != 14000 || got.RoundTrip.Line != nil || got.Lines[0].AvgUS != nil || *got.Lines[1].Line != "b" {
		t.Errorf("round trips %+v %+v", got.RoundTrip, got.Lines)
	}
	// 22 Nov 21:00 in Tokyo: today and the nine days before.
	if want := time.Date(2026, 11, 12, 15, 0, 0, 0, time.UTC); !got.From.Equal(want) || !got.To.Equal(a.f.now) {
		t.Errorf("from %v to %v", got.From, got.To)
	}
	for _, query := range []string{"from=2027-01-01T00:00:00Z", "from=2026-11-22T12:00:00Z"} {
		a.refused(422, "invalid_input", request{method: "GET", path: fmt.Sprintf("/monitors/%d/report?%s", id, query)})
	}
}

func TestPercentIsTruncated(t *testing.T) {
	for _, tt := range []struct {
		part, whole time.Duration
		want        float64
	}{{1, 1, 100}, {10*24*time.Hour - time.Millisecond, 10 * 24 * time.Hour, 99.99}, {2 * time.Second, 3 * time.Second, 66.66}, {0, time.Second, 0}} {
		if tt.whole == 1 {
			tt.part, tt.whole = time.Second, time.Second
		}
		if got := percent(tt.part, tt.whole); got == nil || *got != tt.want {
			t.Errorf("%v of %v: %v", tt.part, tt.whole, got)
		}
	}
	if percent(0, 0) != nil {
		t.Error("of nothing there is no share")
	}
}

func TestDownloadsAreNamed(t *testing.T) {
	a := newApp(t)
	a.f.download = func(w io.Writer, d uptime.Download) error {
		_, err := fmt.Fprint(w, d.Format, d.Part, d.Excel)
		return err
	}
	web := a.f.watch(1, "www.example.jp", uptime.HTTP).Monitors[0].ID
	idn := a.f.watch(1, "xn--fsq.example", uptime.Ping).Monitors[0].ID
	six := a.f.watch(1, "2001:db8::1", uptime.DNS).Monitors[0].ID
	for _, tt := range []struct{ path, name, shown, kind, body string }{
		{fmt.Sprintf("/monitors/%d/report/download", web), "hinomi_www.example.jp_http_20261113-20261122.csv", "", "text/csv", "csvresultsfalse"},
		{fmt.Sprintf("/monitors/%d/report/download?format=json", web), "hinomi_www.example.jp_http_20261113-20261122.json", "", "application/json", "jsonresultsfalse"},
		{fmt.Sprintf("/monitors/%d/report/download?excel=1&part=incidents", web), "hinomi_www.example.jp_http_incidents_20261113-20261122.csv", "", "text/csv", "csvincidentstrue"},
		{fmt.Sprintf("/monitors/%d/report/download", idn), "hinomi_xn--fsq.example_ping_20261113-20261122.csv", "hinomi_例.example_ping_20261113-20261122.csv", "text/csv", "csvresultsfalse"},
		{fmt.Sprintf("/monitors/%d/report/download", six), "hinomi_2001-db8--1_dns_20261113-20261122.csv", "", "text/csv", "csvresultsfalse"},
		{"/report/download?part=summary&from=2026-11-01T00:00:00%2B09:00&to=2026-11-02T00:00:00%2B09:00", "hinomi_summary_20261101-20261101.csv", "", "text/csv", "csvsummaryfalse"},
	} {
		w := a.ok(200, request{method: "GET", path: tt.path}, nil)
		header := w.Header().Get("Content-Disposition")
		_, params, err := mime.ParseMediaType(header)
		shown := tt.shown
		if shown == "" {
			shown = tt.name
		}
		if err != nil || params["filename"] != shown || !strings.Contains(header, `filename="`+tt.name+`"`) {
			t.Errorf("%s: %q, %v", tt.path, header, err)
		}
		if w.Body.String() != tt.body || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.kind) {
			t.Errorf("%s: %q of %s", tt.path, w.Body, w.Header().Get("Content-Type"))
		}
	}
}

func TestADownloadThatFailsIsNeverTakenForWhole(t *testing.T) {
	a := newApp(t)
	a.f.download = func(io.Writer, uptime.Download) error { return uptime.ErrUnavailable }
	a.refused(503, "unavailable", request{method: "GET", path: "/report/download"})

	a.f.download = func(w io.Writer, _ uptime.Download) error {
		_, err := io.WriteString(w, strings.Repeat("x", 1<<20))
		return errors.Join(err, errors.New("the database went away"))
	}
	server := httptest.NewServer(a.server)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/report/download", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.bearer)
	res, err := server.Client().Do(req)
	if err == nil {
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
	}
	if err == nil {
		t.Error("the client was not told that the download broke off")
	}
}

func TestALinkWorksOnceAndWithoutSignIn(t *testing.T) {
	a := newApp(t)
	var got uptime.Download
	a.f.download = func(w io.Writer, d uptime.Download) error { got = d; _, err := io.WriteString(w, "rows"); return err }
	id := a.f.watch(1, "www.example.jp", uptime.HTTP).Monitors[0].ID
	var link LinkResponse
	a.ok(201, request{method: "POST", path: "/report/links", body: fmt.Sprintf(`{"monitor_id":%d,"format":"csv","excel":true,"part":"incidents"}`, id)}, &link)
	if link.ExpiresIn != 60 || !strings.HasPrefix(link.URL, "/api/v1/report/links/") {
		t.Fatalf("link %+v", link)
	}
	first := a.raw("GET", link.URL, nil)
	if first.Code != 200 || first.Body.String() != "rows" || !strings.Contains(first.Header().Get("Content-Disposition"), "hinomi_www.example.jp_http_incidents_") {
		t.Errorf("first %d %s", first.Code, first.Body)
	}
	if got.AccountID != 1 || got.MonitorID != id || !got.Excel || got.Part != uptime.IncidentsPart || got.Zone != "Asia/Tokyo" || got.Locale != "ja" {
		t.Errorf("downloaded %+v", got)
	}
	if again := a.raw("GET", link.URL, nil); again.Code != 404 {
		t.Errorf("again %d", again.Code)
	}
	a.refused(404, "not_found", request{method: "GET", path: "/report/links/x", bearer: "-"})
	for _, body := range []string{`{"format":"xml"}`, `{"part":"all"}`, `{"format":"json","excel":true}`, `{"from":"2026-11-22T00:00:00Z","to":"2026-11-21T00:00:00Z"}`} {
		a.refused(422, "invalid_input", request{method: "POST", path: "/report/links", body: body})
	}
}
