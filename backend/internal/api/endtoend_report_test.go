package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// recorded is one result as a list or a JSON download shows it.
type recorded struct {
	CheckedAt time.Time `json:"checked_at"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	Line      string    `json:"line"`
}

// fetch reads a body that is not JSON, or not ours.
func (c *client) fetch(path string) string {
	c.s.t.Helper()
	status, body := c.do("GET", path, nil)
	if status != 200 {
		c.s.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return string(body)
}

func TestADownloadHoldsExactlyTheResultsThatWereMade(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	target := c.watch("www.example.jp", "ping", "http")
	ping, web := target.Monitors[0].ID, target.Monitors[1].ID
	want[object](c, 200, "PATCH", path("/targets/%d", target.ID), object{"label": `=cmd|" /C calc"!A0`})
	for range 15 { // more than one full buffer
		s.record(uptime.Connected, web)
	}
	s.record(uptime.Refused, web)
	s.record(uptime.Reply, ping)

	list := want[struct{ Items []recorded }](c, 200, "GET", path("/monitors/%d/results", web)+query("limit", "200"), nil).Items
	if len(list) != 16 || list[15].Reason != "refused" {
		t.Fatalf("list %+v", list)
	}
	one := want[struct {
		Monitor object
		Results []recorded
	}](c, 200, "GET", path("/monitors/%d/report/download", web)+query("format", "json"), nil)
	if !slices.Equal(one.Results, list) {
		t.Errorf("JSON %+v\nlist %+v", one.Results, list)
	}
	if monitor := want[object](c, 200, "GET", path("/monitors/%d", web), nil); !reflect.DeepEqual(one.Monitor, monitor) {
		t.Errorf("JSON's monitor %v\nthe API's %v", one.Monitor, monitor)
	}
	all := want[struct {
		Monitors []struct {
			Monitor struct {
				ID      int64
				Service string
			}
			Results []recorded
		}
	}](c, 200, "GET", "/report/download?format=json", nil)
	if len(all.Monitors) != 2 || all.Monitors[0].Monitor.ID != ping || len(all.Monitors[0].Results) != 1 || !slices.Equal(all.Monitors[1].Results, list) {
		t.Errorf("all %+v", all)
	}

	rows, err := csv.NewReader(strings.NewReader(c.fetch(path("/api/v1/monitors/%d/report/download", web)))).ReadAll()
	if err != nil || len(rows) != 17 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := strings.Join(rows[0], ","); got != "checked_at,host,label,service,port,status,reason,reason_text,line,rtt_ms,address,monitor_id" {
		t.Errorf("columns %s", got)
	}
	for i, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339Nano, row[0])
		if err != nil || !at.Equal(list[i].CheckedAt) || row[5] != list[i].Status || row[6] != list[i].Reason || row[8] != list[i].Line {
			t.Errorf("row %v, %v, result %+v", row, err, list[i])
		}
		if !strings.HasPrefix(row[2], "'=") || !strings.HasSuffix(row[0], "+09:00") {
			t.Errorf("label %q, time %q", row[2], row[0])
		}
	}
}

func TestALinkIsForOneDownloadOfItsAccount(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	m := c.watch("www.example.jp", "http").Monitors[0]
	s.record(uptime.Connected, m.ID)
	for _, body := range []object{
		{"monitor_id": m.ID, "format": "csv", "excel": true}, {"format": "csv", "part": "summary"}, {"format": "json", "part": "incidents"}, {},
	} {
		link := want[api.LinkResponse](c, 201, "POST", "/report/links", body)
		browser := s.client()
		if content := browser.fetch(link.URL); content == "" {
			t.Errorf("%v: nothing came", body)
		}
		if status, _ := browser.do("GET", link.URL, nil); status != 404 {
			t.Errorf("%v: a second download answered %d", body, status)
		}
	}
	late := want[api.LinkResponse](c, 201, "POST", "/report/links", object{})
	if _, err := s.db.SQL().ExecContext(t.Context(), `update tokens set expires_at = now() - interval '1 second' where purpose = 'download'`); err != nil {
		t.Fatal(err)
	}
	if status, _ := c.do("GET", late.URL, nil); status != 404 {
		t.Errorf("an expired link answered %d", status)
	}
}

func TestTheReportAddsUpToItsPeriod(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	m := c.watch("www.example.jp", "http").Monitors[0]
	s.record(uptime.Connected, m.ID)
	s.record(uptime.Connected, m.ID)
	s.record(uptime.Timeout, m.ID)
	r := want[api.ReportResponse](c, 200, "GET", path("/monitors/%d/report", m.ID), nil)
	sum := r.UpSeconds + r.DownSeconds + r.UnknownSeconds + r.NotWatchedSeconds
	if period := r.To.Sub(r.From).Seconds(); math.Abs(sum-period) > 0.01 || period < 9*86400 {
		t.Errorf("%v s of %v s: %+v", sum, period, r)
	}
	if r.UnconfirmedFailures != 1 || r.RoundTrip.Count != 2 || len(r.Lines) != 2 || len(r.Incidents) != 0 || r.TimeZone != "Asia/Tokyo" {
		t.Errorf("report %+v", r)
	}
	if r.UptimePct == nil || *r.UptimePct != 100 {
		t.Errorf("uptime %v", r.UptimePct)
	}
}

func TestADownloadOfManyMonitorsIsWhole(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	var ids []int64
	for i := range 40 {
		for _, m := range c.watch(fmt.Sprintf("h%d.example.jp", i), "ping", "http", "ftp", "pop3", "smtp", "dns").Monitors {
			ids = append(ids, m.ID)
		}
	}
	s.record(uptime.Timeout, ids...)
	s.record(uptime.Timeout, ids...)
	var all struct {
		Monitors []struct{ Results []recorded }
	}
	if err := json.Unmarshal([]byte(c.fetch("/api/v1/report/download?format=json")), &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all.Monitors {
		if len(m.Results) != 2 {
			t.Errorf("results %+v", m.Results)
		}
	}
	if len(all.Monitors) != 240 {
		t.Errorf("%d monitors", len(all.Monitors))
	}
	st := want[api.StatusResponse](c, 200, "GET", "/status", nil)
	if st.Counts.Down != 240 || len(st.Problems) != 200 {
		t.Errorf("counts %+v, %d problems", st.Counts, len(st.Problems))
	}
}
