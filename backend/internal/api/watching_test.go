package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestANewTargetComesWithItsMonitors(t *testing.T) {
	a := newApp(t)
	a.f.nextCheck = at(12, 1)
	var made TargetResponse
	a.ok(201, request{method: "POST", path: "/targets", body: `{"host":"WWW.Example.jp","label":"本社ウェブ","services":["http","ping"],"owned":true}`}, &made)
	if made.ID == 0 || made.Host != "www.example.jp" || made.Label != "本社ウェブ" || len(made.Monitors) != 2 {
		t.Fatalf("made %+v", made)
	}
	m := made.Monitors[0]
	if m.Service != "http" || m.Port == nil || *m.Port != 80 || m.State != "active" || m.Verdict != "pending" || m.Told != "well" ||
		m.Status != nil || m.CheckedAt != nil || m.NextCheckAt == nil || !m.NextCheckAt.Equal(at(12, 1)) {
		t.Errorf("monitor %+v", m)
	}
	if ping := made.Monitors[1]; ping.Port != nil {
		t.Errorf("port of ping %v", *ping.Port)
	}
	a.refused(409, "host_exists", request{method: "POST", path: "/targets", body: `{"host":"www.example.jp","services":["ftp"],"owned":true}`})
}

func TestAMonitorShowsItsLastResult(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "xn--fsq.example", uptime.HTTP).Monitors[0].ID
	m := &a.f.monitors[0]
	m.Pinned, m.IncidentID = netip.MustParseAddr("203.0.113.9"), 77
	m.Standing.Last = uptime.Sample{At: at(11, 55).Add(123 * time.Millisecond), Reason: uptime.Refused, Line: 2, RTT: 11_500 * time.Microsecond}
	m.Standing.State, m.Standing.Verdict, m.Standing.Told = uptime.Stopped, uptime.Down, uptime.Trouble
	m.Standing.StoppedAt, m.Standing.BadStreak = at(11, 55), 4
	a.f.nextCheck = at(13, 0)
	var got MonitorResponse
	w := a.ok(200, request{method: "GET", path: fmt.Sprintf("/monitors/%d", id)}, &got)
	if *got.Status != "ng" || *got.Reason != "refused" || *got.Line != "b" || *got.RTTUS != 11500 || *got.Address != "203.0.113.9" ||
		*got.IncidentID != 77 || got.State != "stopped" || got.Told != "trouble" || got.BadStreak != 4 || got.HostDisplay != "例.example" {
		t.Errorf("got %s", w.Body)
	}
	if got.NextCheckAt != nil {
		t.Error("a stopped monitor has no next check")
	}
	if !strings.Contains(w.Body.String(), `"checked_at":"2026-11-22T11:55:00.123Z"`) {
		t.Errorf("checked_at in %s", w.Body)
	}
}

func TestReadsCarryAnEntityTag(t *testing.T) {
	a := newApp(t)
	path := fmt.Sprintf("/monitors/%d", a.f.watch(1, "a.example", uptime.Ping).Monitors[0].ID)
	tag := a.ok(200, request{method: "GET", path: path}, nil).Header().Get("ETag")
	same := a.do(request{method: "GET", path: path, header: map[string]string{"If-None-Match": `"x", W/` + tag}})
	if tag == "" || same.Code != 304 || same.Body.Len() != 0 {
		t.Errorf("tag %q: %d %s", tag, same.Code, same.Body)
	}
	a.f.monitors[0].Label = "changed"
	a.ok(200, request{method: "GET", path: path, header: map[string]string{"If-None-Match": tag}}, nil)
}

func TestListsGoOnWhereTheyEnded(t *testing.T) {
	a := newApp(t)
	var want []int64
	for i := range 7 {
		want = append(want, a.f.watch(1, fmt.Sprintf("h%d.example", i), uptime.Ping).Monitors[0].ID)
		a.f.watch(2, fmt.Sprintf("o%d.example", i), uptime.Ping)
	}
	var got []int64
	path := "/monitors?limit=3"
	for pages := 1; ; pages++ {
		var list MonitorList
		a.ok(200, request{method: "GET", path: path}, &list)
		for _, m := range list.Items {
			got = append(got, m.ID)
		}
		if list.NextCursor == nil {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		path = "/monitors?limit=3&cursor=" + *list.NextCursor
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w := a.ok(200, request{method: "GET", path: "/targets?host=none.example"}, nil)
	if w.Body.String() != `{"items":[],"next_cursor":null}` {
		t.Errorf("empty list %s", w.Body)
	}
}

func TestFiltersReachTheStore(t *testing.T) {
	a := newApp(t)
	a.f.watch(1, "a.example", uptime.Ping, uptime.HTTP)
	a.f.watch(1, "xn--fsq.example", uptime.HTTP)
	a.f.monitors[1].Standing.State = uptime.Stopped
	a.f.monitors[1].Standing.Verdict = uptime.Down
	for query, want := range map[string][]int64{
		"host=a.example": {11, 12}, "service=http": {12, 13}, "state=stopped": {12}, "verdict=down": {12}, "verdict=pending": {11, 13},
		"host=%E4%BE%8B.example": {13}, "service=http&state=active": {13},
	} {
		var list MonitorList
		a.ok(200, request{method: "GET", path: "/monitors?" + query}, &list)
		if got := each(list.Items, func(m MonitorResponse) int64 { return m.ID }); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func TestLabelAndNotesCanBeChangedAndNothingElse(t *testing.T) {
	a := newApp(t)
	target := a.f.watch(1, "a.example", uptime.Ping)
	for _, path := range []string{fmt.Sprintf("/targets/%d", target.ID), fmt.Sprintf("/monitors/%d", target.Monitors[0].ID)} {
		var got struct{ Label, Notes, Host string }
		a.ok(200, request{method: "PATCH", path: path, body: `{"label":"Head office","notes":"two\nlines"}`}, &got)
		a.ok(200, request{method: "PATCH", path: path, body: `{"label":"Office"}`}, &got)
		if got.Label != "Office" {
			t.Errorf("%s: %+v", path, got)
		}
		a.refused(422, "invalid_input", request{method: "PATCH", path: path, body: `{"host":"b.example"}`})
		a.refused(422, "invalid_input", request{method: "PATCH", path: path, body: `{"port":81}`})
		a.refused(422, "invalid_input", request{method: "PATCH", path: path, body: `{"label":"a\nb"}`})
	}
}

func TestPauseAndResumeAreIdempotent(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "a.example", uptime.Ping).Monitors[0].ID
	for range 2 {
		var m MonitorResponse
		a.ok(200, request{method: "POST", path: fmt.Sprintf("/monitors/%d/pause", id)}, &m)
		if m.State != "paused" || m.StoppedAt == nil {
			t.Errorf("paused %+v", m)
		}
	}
	for range 2 {
		var m MonitorResponse
		a.ok(200, request{method: "POST", path: fmt.Sprintf("/monitors/%d/resume", id)}, &m)
		if m.State != "active" || m.Verdict != "pending" || m.StoppedAt != nil {
			t.Errorf("resumed %+v", m)
		}
	}
}

func TestManyAreResumedAtOnce(t *testing.T) {
	a := newApp(t)
	a.f.watch(1, "a.example", uptime.Services()...)
	a.f.watch(2, "other.example", uptime.Ping)
	for _, i := range []int{0, 1, 2, 6} {
		a.f.monitors[i].Standing.State = uptime.Stopped
	}
	a.f.monitors[3].Standing.State = uptime.Paused
	resume := func(body string) int {
		var got ResumeResponse
		a.ok(200, request{method: "POST", path: "/monitors/resume", body: body}, &got)
		return got.Resumed
	}
	if n := resume(`{"ids":[14,11,11]}`); n != 2 {
		t.Errorf("resumed %d by ids", n)
	}
	if n := resume(`{"all_stopped":true}`); n != 2 {
		t.Errorf("resumed %d of all stopped", n)
	}
	if a.f.monitors[6].Standing.State != uptime.Stopped {
		t.Error("another account's monitor was resumed")
	}
	for _, body := range []string{`{}`, `{"ids":[]}`, `{"ids":[11],"all_stopped":true}`, `{"ids":[` + strings.Repeat("1,", 1000) + `1]}`} {
		a.refused(422, "invalid_input", request{method: "POST", path: "/monitors/resume", body: body})
	}
}

func TestTheSummarySaysTheWorst(t *testing.T) {
	tests := []struct {
		counts   uptime.Counts
		contacts int
		want     string
	}{
		{uptime.Counts{}, 1, "empty"},
		{uptime.Counts{}, 0, "empty"},
		{uptime.Counts{Up: 9, Down: 1}, 0, "trouble"},
		{uptime.Counts{Up: 9, Stopped: 1}, 1, "trouble"},
		{uptime.Counts{Up: 9}, 0, "unmailed"},
		{uptime.Counts{Pending: 9}, 1, "pending"},
		{uptime.Counts{Paused: 9}, 1, "pending"},
		{uptime.Counts{Up: 1, Pending: 9, Paused: 3}, 1, "well"},
	}
	for _, tt := range tests {
		if got := overall(uptime.Summary{Counts: tt.counts, VerifiedContacts: tt.contacts}); got != tt.want {
			t.Errorf("%+v, %d contacts: %s, want %s", tt.counts, tt.contacts, got, tt.want)
		}
	}
}

func TestTheSummaryNamesProblems(t *testing.T) {
	a := newApp(t)
	a.f.watch(1, "a.example", uptime.Ping, uptime.HTTP)
	st := &a.f.monitors[1].Standing
	st.Verdict, st.IncidentStart, st.Last = uptime.Down, at(11, 50), uptime.Sample{At: at(11, 55), Reason: uptime.Timeout}
	var got StatusResponse
	a.ok(200, request{method: "GET", path: "/status"}, &got)
	if got.Overall != "trouble" || got.Counts != (CountsResponse{Down: 1, Pending: 1}) || len(got.Problems) != 1 {
		t.Fatalf("got %+v", got)
	}
	p := got.Problems[0]
	if p.MonitorID != 12 || p.Host != "a.example" || p.Service != "http" || *p.Reason != "timeout" || !p.Since.Equal(at(11, 50)) || !slices.Equal(p.Lines, []string{"a", "b"}) {
		t.Errorf("problem %+v", p)
	}
}

func TestContacts(t *testing.T) {
	a := newApp(t)
	var made ContactResponse
	w := a.ok(201, request{method: "POST", path: "/contacts", body: `{"email":"abc..def@docomo.ne.jp","short_form":true}`}, &made)
	if !strings.Contains(w.Body.String(), `"verified_at":null`) || made.Locale != "ja" || !made.ShortForm || len(a.f.sent) != 1 {
		t.Errorf("made %s", w.Body)
	}
	a.refused(409, "contact_exists", request{method: "POST", path: "/contacts", body: `{"email":"ABC..def@docomo.ne.jp"}`})
	a.refused(422, "invalid_input", request{method: "POST", path: "/contacts", body: `{"email":"a@b@c","locale":"fr"}`})
	resend := request{method: "POST", path: fmt.Sprintf("/contacts/%d/resend", made.ID)}
	a.ok(204, resend, nil)
	a.ok(200, request{method: "POST", path: "/contacts/verify", bearer: "-", body: fmt.Sprintf(`{"token":%q}`, a.f.sent[1].Raw)}, nil)
	a.refused(409, "already_verified", resend)
	var me MeResponse
	a.ok(200, request{method: "GET", path: "/me"}, &me)
	if me.VerifiedContacts != 2 || me.Role != "operator" || me.TimeZone != "Asia/Tokyo" {
		t.Errorf("me %+v", me)
	}
	a.ok(204, request{method: "DELETE", path: fmt.Sprintf("/contacts/%d", made.ID)}, nil)
	a.refused(404, "not_found", request{method: "DELETE", path: fmt.Sprintf("/contacts/%d", made.ID)})
}

func TestProbeNowTellsEveryLine(t *testing.T) {
	a := newApp(t)
	id := a.f.watch(1, "a.example", uptime.Ping).Monitors[0].ID
	addr := netip.MustParseAddr("203.0.113.9")
	a.f.diagnoses = []uptime.Diagnosis{
		{Line: 1, Addr: addr, Finding: uptime.Finding{At: at(12, 0), Reason: uptime.Reply, RTT: 11 * time.Millisecond}, Sent: 4, Received: 3, Min: time.Millisecond, Avg: 2 * time.Millisecond, Max: 3 * time.Millisecond},
		{Line: 2, Addr: addr, Finding: uptime.Finding{At: at(12, 0)}},
	}
	var got ProbeResponse
	a.ok(200, request{method: "POST", path: fmt.Sprintf("/monitors/%d/probe", id)}, &got)
	if len(got.Lines) != 2 || got.Lines[0].Line != "a" || got.Lines[0].Label != "Line A" || got.Lines[0].Status != "ok" || got.Lines[0].Echoes.Received != 3 {
		t.Errorf("got %+v", got)
	}
	if b := got.Lines[1]; b.Status != "unknown" || b.Reason != "internal" || b.Echoes != nil || b.RTTUS != nil {
		t.Errorf("line b %+v", b)
	}
}

func TestDevicesAndMailsAreTheOperators(t *testing.T) {
	a := newApp(t)
	var mine, theirs LineList
	a.ok(200, request{method: "GET", path: "/lines"}, &mine)
	a.ok(200, request{method: "GET", path: "/lines", bearer: a.other}, &theirs)
	if d := mine.Items[0].Device; d == nil || *d != "ppp0" || !slices.Equal(mine.Items[0].Gateways, []string{"192.0.2.1"}) {
		t.Errorf("operator sees %+v", mine.Items[0])
	}
	if l := theirs.Items[0]; l.Device != nil || l.Gateways != nil || !slices.Equal(l.Addresses, []string{"192.0.2.10"}) {
		t.Errorf("user sees %+v", l)
	}
	if w := theirs.Items[1].Warnings; !slices.Equal(w, []string{"no_address"}) {
		t.Errorf("warnings %v", w)
	}
	for i := range 3 {
		a.f.mails = append(a.f.mails, uptime.StoredMail{ID: fmt.Sprint("m", i), Date: at(1, i), To: "a@example.jp", Subject: "s", Body: "b"})
	}
	a.refused(403, "forbidden", request{method: "GET", path: "/operator/mails", bearer: a.other})
	var first, second MailList
	a.ok(200, request{method: "GET", path: "/operator/mails?limit=2"}, &first)
	a.ok(200, request{method: "GET", path: "/operator/mails?limit=2&cursor=" + *first.NextCursor}, &second)
	if len(first.Items) != 2 || first.Items[0].ID != "m2" || len(second.Items) != 1 || second.Items[0].ID != "m0" || second.NextCursor != nil {
		t.Errorf("first %+v, second %+v", first, second)
	}
	a.server.deps.Mails = nil
	a.ok(200, request{method: "GET", path: "/operator/mails"}, nil)
}

func TestTheServiceTellsHowItIsSetUp(t *testing.T) {
	a := newApp(t)
	a.server.cfg.EffectiveInterval = func() time.Duration { return 375 * time.Second }
	var got ServiceResponse
	a.ok(200, request{method: "GET", path: "/service", bearer: "-"}, &got)
	want := ServiceResponse{
		Version: "1.2.3", IntervalSeconds: 300, EffectiveIntervalSeconds: 375, ProbeTimeoutSeconds: 5, FailuresToDown: 2, SuccessesToUp: 2,
		FailuresToStop: 4, TargetPolicy: "public", RetentionDays: 10, TermsVersion: "2026-11-22", MailMode: "stored", Registration: "open", Claims: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	empty := newEmptyApp(t)
	empty.ok(200, request{method: "GET", path: "/service", bearer: "-"}, &got)
	if !got.SetupRequired {
		t.Error("nobody runs this installation, and it does not say so")
	}
}

func TestAPanicIsAProblemAndTheServerGoesOn(t *testing.T) {
	a := newApp(t)
	a.server.deps.Prober = nil
	id := a.f.watch(1, "a.example", uptime.Ping).Monitors[0].ID
	a.refused(http.StatusInternalServerError, "internal", request{method: "POST", path: fmt.Sprintf("/monitors/%d/probe", id)})
	a.ok(200, request{method: "GET", path: "/me"}, nil)
}
