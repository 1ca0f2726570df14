package main

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ownersByLine is what lines learn of every host, and which were asked.
type ownersByLine struct {
	evidence map[uptime.LineID]uptime.Evidence
	asked    []uptime.LineID
}

func (o *ownersByLine) Owner(_ context.Context, line uptime.LineID, _ uptime.Challenge) uptime.Evidence {
	o.asked = append(o.asked, line)
	return o.evidence[line]
}

func (o *ownersByLine) Denied(_ context.Context, line uptime.LineID, _ string) (denied, known bool) {
	o.asked = append(o.asked, line)
	return o.evidence[line].Denied, !o.evidence[line].Unknown
}

func (o *ownersByLine) Resolve(context.Context, uptime.LineID, string, bool) uptime.Resolution {
	return uptime.Resolution{Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
}

func TestAnotherLineIsAskedOnlyIfOneLearntNothing(t *testing.T) {
	t.Parallel()
	unknown := uptime.Evidence{Unknown: true}
	for name, c := range map[string]struct {
		a, b  uptime.Evidence
		want  string
		asked int
	}{
		"proven at once":         {uptime.Evidence{DNS: true}, unknown, "dns", 1},
		"proven, with a fault":   {uptime.Evidence{DNS: true, Unknown: true}, unknown, "dns", 1},
		"denied at once":         {uptime.Evidence{Denied: true, Unknown: true}, uptime.Evidence{DNS: true}, "", 1},
		"not there":              {uptime.Evidence{}, uptime.Evidence{DNS: true}, "", 1},
		"the first line is away": {unknown, uptime.Evidence{DNS: true}, "dns", 2},
		"both are away":          {unknown, unknown, "", 2},
	} {
		lines := &ownersByLine{evidence: map[uptime.LineID]uptime.Evidence{1: c.a, 2: c.b}}
		e := owners{lines, []uptime.Line{{ID: 1}, {ID: 2}}}.Owner(t.Context(), uptime.Challenge{})
		if e.Method() != c.want || !slices.Equal(lines.asked, []uptime.LineID{1, 2}[:c.asked]) {
			t.Errorf("%s: %+v, asked %v", name, e, lines.asked)
		}
	}
}

func TestANameIsLookedAtOverALineThatCan(t *testing.T) {
	t.Parallel()
	lines := &ownersByLine{evidence: map[uptime.LineID]uptime.Evidence{1: {Unknown: true}, 2: {Denied: true}}}
	o := owners{lines, []uptime.Line{{ID: 1}, {ID: 2}}}
	if f := o.Allows(t.Context(), "www.example.jp"); !f.Known || !f.Denied || len(f.Addrs) != 1 || len(lines.asked) != 2 {
		t.Errorf("%+v, asked %v", f, lines.asked)
	}
	o.lines = o.lines[:1]
	if f := o.Allows(t.Context(), "www.example.jp"); f.Known || f.Denied || f.Addrs != nil {
		t.Errorf("no line can: %+v", f)
	}
}
