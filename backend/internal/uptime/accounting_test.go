package uptime_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// minute is a time of the accounts below.
func minute(n int) time.Time { return midnight.Add(time.Duration(n) * time.Minute) }

func span(from, to int) uptime.Span { return uptime.Span{From: minute(from), To: minute(to)} }

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

// seen is a sample every five minutes from the first minute on, by the letters
// of reasonsOf; _ is none.
func seen(first int, letters string) (samples []uptime.Sample) {
	for i, letter := range letters {
		if letter != '_' {
			samples = append(samples, uptime.Sample{At: minute(first + 5*i), Reason: reasonsOf[letter], Line: 1})
		}
	}
	return samples
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	type account struct {
		up, down, unknown, notWatched float64 // minutes
		unconfirmed                   int
	}
	for _, c := range []struct {
		name    string
		period  uptime.Span
		history uptime.History
		want    account
	}{
		{"nothing is known of nothing", span(0, 60), uptime.History{}, account{unknown: 60}},
		{"an hour of answers", span(0, 60), uptime.History{Samples: seen(0, "oooooooooooo")}, account{up: 60}},
		{"the result before the period covers its start", span(3, 10), uptime.History{Samples: seen(0, "oo")}, account{up: 7}},
		{"but for 1.5 intervals only", span(5, 20), uptime.History{Samples: seen(-1, "o__o")}, account{up: 7.5, unknown: 7.5}}, // 5 to 6.5, 14 to 20
		{"a missing result leaves a gap", span(0, 20), uptime.History{Samples: seen(0, "o__o")}, account{up: 12.5, unknown: 7.5}},
		{"one late result leaves none", span(0, 12), uptime.History{Samples: []uptime.Sample{seen(0, "o")[0], seen(7, "o")[0]}}, account{up: 12}},
		{"what could not be measured is unknown", span(0, 20), uptime.History{Samples: seen(0, "o?oo")}, account{up: 15, unknown: 5}},
		{"a failure that was never confirmed is up, and counted", span(0, 20), uptime.History{Samples: seen(0, "owoo")}, account{up: 20, unconfirmed: 1}},
		{"one before the period is not counted", span(5, 20), uptime.History{Samples: seen(0, "wooo")}, account{up: 15}},
		{
			"down from the first failure to the first success", span(0, 40),
			uptime.History{Samples: seen(0, "owwwoooo"), Incidents: []uptime.Span{span(5, 20)}}, account{up: 25, down: 15},
		},
		{
			"a lone success within an incident does not end it", span(0, 30),
			uptime.History{Samples: seen(0, "wwowoo"), Incidents: []uptime.Span{span(0, 20)}}, account{up: 10, down: 20},
		},
		{
			"an open incident lasts", span(0, 30),
			uptime.History{Samples: seen(0, "oowwww"), Incidents: []uptime.Span{{From: minute(10)}}}, account{up: 10, down: 20},
		},
		{
			"an incident from before the period", span(10, 30),
			uptime.History{Samples: seen(0, "wwwwoo"), Incidents: []uptime.Span{span(0, 20)}}, account{up: 10, down: 10},
		},
		{
			"of an incident only what was observed is down", span(0, 60),
			uptime.History{Samples: seen(0, "wwww________"), Incidents: []uptime.Span{{From: minute(0)}}, NotWatched: []uptime.Span{{From: minute(15)}}},
			account{down: 15, notWatched: 45},
		},
		{
			"a pause ends what a result covers", span(0, 30),
			uptime.History{Samples: seen(0, "oo__oo"), NotWatched: []uptime.Span{span(7, 20)}}, account{up: 17, notWatched: 13},
		},
		{
			"a pause within what one result covers", span(0, 5),
			uptime.History{Samples: seen(0, "o"), NotWatched: []uptime.Span{span(1, 2), span(3, 4)}}, account{up: 3, notWatched: 2},
		},
		{
			"pauses that overlap count once, in any order", span(0, 30),
			uptime.History{NotWatched: []uptime.Span{span(12, 20), span(-5, 5), span(15, 18), span(4, 10)}}, account{unknown: 12, notWatched: 18},
		},
		{
			"made within the period", span(0, 30),
			uptime.History{Samples: seen(20, "oo"), NotWatched: []uptime.Span{{To: minute(20)}}}, account{up: 10, notWatched: 20},
		},
		{"samples in no order", span(0, 10), uptime.History{Samples: []uptime.Sample{seen(5, "o")[0], seen(0, "o")[0]}}, account{up: 10}},
		{"after the period nothing counts", span(0, 10), uptime.History{Samples: seen(0, "oowww")}, account{up: 10}},
		{"an empty period", span(5, 5), uptime.History{Samples: seen(0, "oo")}, account{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := uptime.MakeAccount(uptime.Period{Span: c.period, Interval: 5 * time.Minute}, c.history)
			want := uptime.Account{
				Up: minutes(c.want.up), Down: minutes(c.want.down), Unknown: minutes(c.want.unknown),
				NotWatched: minutes(c.want.notWatched), UnconfirmedFailures: c.want.unconfirmed,
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func within(spans []uptime.Span, at time.Time) bool {
	for _, s := range spans {
		if !at.Before(s.From) && (s.To.IsZero() || at.Before(s.To)) {
			return true
		}
	}
	return false
}

// byTheSecond makes up an account the slow way, by the words of the rule.
func byTheSecond(p uptime.Period, h uptime.History) uptime.Account {
	var a uptime.Account
	for at := p.From; at.Before(p.To); at = at.Add(time.Second) {
		var last uptime.Sample
		for _, s := range h.Samples { // oldest first
			if !s.At.After(at) {
				last = s
			}
		}
		switch {
		case within(h.NotWatched, at):
			a.NotWatched += time.Second
		case last.At.IsZero() || last.Status() == uptime.Unknown || at.Sub(last.At) >= p.Interval*3/2:
			a.Unknown += time.Second
		case within(h.Incidents, last.At):
			a.Down += time.Second
		default:
			a.Up += time.Second
		}
	}
	for _, s := range h.Samples {
		if s.Status().Failure() && !s.At.Before(p.From) && s.At.Before(p.To) && !within(h.Incidents, s.At) {
			a.UnconfirmedFailures++
		}
	}
	return a
}

func randomSpans(rnd *rand.Rand, n int) (spans []uptime.Span) {
	for range rnd.IntN(n) {
		from := midnight.Add(time.Duration(rnd.IntN(7000)-1500) * time.Second)
		s := uptime.Span{From: from, To: from.Add(time.Duration(rnd.IntN(1500)) * time.Second)}
		if rnd.IntN(6) == 0 {
			s.To = time.Time{}
		}
		spans = append(spans, s)
	}
	return spans
}

func TestRandomAccountsAreThoseMadeBySeconds(t *testing.T) {
	t.Parallel()
	var all uptime.Account
	for seed := range uint64(120) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		p := uptime.Period{Span: uptime.Span{From: midnight, To: midnight.Add(time.Duration(rnd.IntN(4000)) * time.Second)}, Interval: 100 * time.Second}
		h := uptime.History{Incidents: randomSpans(rnd, 4), NotWatched: randomSpans(rnd, 4)}
		for at := midnight.Add(-500 * time.Second); at.Before(p.To.Add(300 * time.Second)); at = at.Add(time.Duration(rnd.IntN(220)) * time.Second) {
			h.Samples = append(h.Samples, uptime.Sample{At: at, Reason: uptime.Reasons()[rnd.IntN(len(uptime.Reasons()))]})
		}
		got, want := uptime.MakeAccount(p, h), byTheSecond(p, h)
		if got != want {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
		if got.Up+got.Down+got.Unknown+got.NotWatched != p.To.Sub(p.From) {
			t.Fatalf("seed %d: %+v does not add up to %s", seed, got, p.To.Sub(p.From))
		}
		all.Up, all.Down, all.Unknown, all.NotWatched = all.Up+got.Up, all.Down+got.Down, all.Unknown+got.Unknown, all.NotWatched+got.NotWatched
		all.UnconfirmedFailures += got.UnconfirmedFailures
	}
	if min(all.Up, all.Down, all.Unknown, all.NotWatched) < time.Hour || all.UnconfirmedFailures < 100 {
		t.Errorf("too dull to prove anything: %+v", all)
	}
}

func TestAnAccountLeavesItsHistoryAsItIs(t *testing.T) {
	t.Parallel()
	h := uptime.History{
		Samples:    []uptime.Sample{seen(5, "o")[0], seen(0, "w")[0]},
		Incidents:  []uptime.Span{span(20, 30), {From: minute(0)}},
		NotWatched: []uptime.Span{span(8, 9), span(-5, 1)},
	}
	uptime.MakeAccount(uptime.Period{Span: span(0, 10), Interval: 5 * time.Minute}, h)
	if h.Samples[0].At != minute(5) || !h.Incidents[1].To.IsZero() || h.NotWatched[0] != span(8, 9) || h.NotWatched[1] != span(-5, 1) {
		t.Errorf("changed to %+v", h)
	}
}

func TestSharesAreOfWhatWasMeasuredAndWatched(t *testing.T) {
	t.Parallel()
	a := uptime.Account{Up: 45 * time.Minute, Down: 15 * time.Minute, Unknown: 20 * time.Minute, NotWatched: 100 * time.Minute}
	if up, ok := a.Uptime(); up != 0.75 || !ok {
		t.Errorf("uptime %v, %t", up, ok)
	}
	if coverage, ok := a.Coverage(); coverage != 0.75 || !ok {
		t.Errorf("coverage %v, %t", coverage, ok)
	}
	paused := uptime.Account{NotWatched: time.Hour}
	if _, ok := paused.Uptime(); ok {
		t.Error("an uptime of nothing measured")
	}
	if _, ok := paused.Coverage(); ok {
		t.Error("a coverage of nothing watched")
	}
	blind := uptime.Account{Unknown: time.Hour}
	if coverage, ok := blind.Coverage(); coverage != 0 || !ok {
		t.Errorf("coverage of an hour without results: %v, %t", coverage, ok)
	}
}

func TestAReportHasTenCalendarDaysOfItsZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, now, from string
		elapsed         time.Duration
	}{
		{"UTC", "2026-11-22T03:05:00Z", "2026-11-13T00:00:00Z", 9*24*time.Hour + 3*time.Hour + 5*time.Minute},
		{"Asia/Tokyo", "2026-11-21T15:00:00Z", "2026-11-12T15:00:00Z", 9 * 24 * time.Hour},
		{"Asia/Tokyo", "2026-11-21T14:59:59Z", "2026-11-11T15:00:00Z", 10*24*time.Hour - time.Second},
		{"Europe/Berlin", "2026-10-29T11:00:00Z", "2026-10-19T22:00:00Z", 9*24*time.Hour + 13*time.Hour}, // an hour twice on the 25th
		{"Europe/Berlin", "2026-03-31T10:00:00Z", "2026-03-21T23:00:00Z", 9*24*time.Hour + 11*time.Hour}, // an hour missing on the 29th
		{"Pacific/Kiritimati", "2026-03-01T11:00:00Z", "2026-02-20T10:00:00Z", 9*24*time.Hour + time.Hour},
		{"America/Santiago", "2026-09-15T15:00:00Z", "2026-09-06T04:00:00Z", 9*24*time.Hour + 11*time.Hour}, // no midnight on the 6th
		{"Africa/Cairo", "2026-05-03T09:00:00Z", "2026-04-23T22:00:00Z", 9*24*time.Hour + 11*time.Hour},     // nor here on April 24
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := time.Parse(time.RFC3339, c.now)
		got := uptime.ReportSpan(now, zone)
		if got.From.UTC().Format(time.RFC3339) != c.from || !got.To.Equal(now) || got.To.Sub(got.From) != c.elapsed {
			t.Errorf("%s at %s: %s, %s long, want from %s, %s long", c.zone, c.now, got.From.UTC(), got.To.Sub(got.From), c.from, c.elapsed)
		}
	}
}

// A day around a change of the clocks is as long as it is: elapsed time counts.
func TestTheClocksOfAZoneChangeNoAccount(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := uptime.Span{From: time.Date(2026, 10, 25, 0, 0, 0, 0, berlin), To: time.Date(2026, 10, 26, 0, 0, 0, 0, berlin)}
	var samples []uptime.Sample
	for at := day.From; at.Before(day.To); at = at.Add(5 * time.Minute) {
		samples = append(samples, uptime.Sample{At: at.UTC(), Reason: uptime.Reply, Line: 1})
	}
	got := uptime.MakeAccount(uptime.Period{Span: day, Interval: 5 * time.Minute}, uptime.History{Samples: samples})
	if (got != uptime.Account{Up: 25 * time.Hour}) || len(samples) != 300 {
		t.Errorf("got %+v of %d samples", got, len(samples))
	}
}
