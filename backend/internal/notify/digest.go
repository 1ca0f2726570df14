package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	maxDetails = 100 // alerts that a digest tells one by one
	maxShort   = 10  // lines of a digest for phones
)

// digest is several alerts for one mail, worst first.
type digest struct {
	groups []group
	all    []facts // in the order of the groups
	home   string  // address of the page
}

// group is the alerts of one kind, in the order in which they were decided.
type group struct {
	kind  uptime.AlertKind
	items []facts
}

func newDigest(all []facts, home string) digest {
	d := digest{home: home}
	for i := range all { // what the same mail takes back is not announced
		later := all[i+1:]
		if slices.ContainsFunc(later, func(f facts) bool { return f.MonitorID == all[i].MonitorID }) {
			all[i].next, all[i].stop = time.Time{}, time.Time{}
		}
	}
	for _, kind := range []uptime.AlertKind{uptime.Anomaly, uptime.StoppedAlert, uptime.Recovery} {
		g := group{kind: kind}
		for _, f := range all {
			if f.Kind == kind {
				g.items = append(g.items, f)
			}
		}
		if len(g.items) > 0 {
			d.groups = append(d.groups, g)
			d.all = append(d.all, g.items...)
		}
	}
	return d
}

// mixed tells whether there is more than one kind.
func (d digest) mixed() bool { return len(d.groups) > 1 }

// oneTarget tells whether all alerts are about one host.
func (d digest) oneTarget() bool {
	return !slices.ContainsFunc(d.all, func(f facts) bool { return f.TargetID != d.all[0].TargetID })
}

// oneMonitor tells whether all alerts are about one service of one host.
func (d digest) oneMonitor() bool {
	return !slices.ContainsFunc(d.all, func(f facts) bool { return f.MonitorID != d.all[0].MonitorID })
}

// name of the host that a subject names: its label if the services agree on it.
func (d digest) name() string {
	if d.oneTarget() && slices.ContainsFunc(d.all, func(f facts) bool { return f.name != d.all[0].name }) {
		return d.all[0].host
	}
	return d.all[0].name
}

// services are the labels of the services, each once.
func (d digest) services() (labels []string) {
	for _, f := range d.all {
		if l := f.title(); !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	return labels
}

// since is the first failure of them all.
func (d digest) since() time.Time { return earliest(d.all, func(f facts) time.Time { return f.Since }) }

// back is the first good answer of them all.
func (d digest) back() time.Time {
	return earliest(d.all, func(f facts) time.Time { return f.Evidence[0].At })
}

// at is when the last of them was decided.
func (d digest) at() (last time.Time) {
	for _, f := range d.all {
		if f.At.After(last) {
			last = f.At
		}
	}
	return last
}

// everyLine tells whether every one of these was found over every line.
func everyLine(items []facts) bool {
	return !slices.ContainsFunc(items, func(f facts) bool { return len(f.lines) == 0 || len(f.lines) < f.all })
}

// earliest of the times that are known; zero if none is.
func earliest(items []facts, of func(facts) time.Time) (first time.Time) {
	for _, f := range items {
		if t := of(f); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func next(f facts) time.Time { return f.next }
func stop(f facts) time.Time { return f.stop }

// shortDigest is a line an alert, for phones.
func shortDigest(s speech, d digest) string {
	var b strings.Builder
	for i, f := range d.all {
		if i == maxShort {
			fmt.Fprintf(&b, "+%d\n", len(d.all)-i)
			break
		}
		f.next, f.stop = time.Time{}, time.Time{}
		fmt.Fprintf(&b, "%s %s %s\n", f.name, f.title(), s.short(f))
	}
	return b.String()
}
