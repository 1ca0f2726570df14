package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ways are lines and what came of their probes.
type ways map[uptime.LineID]uptime.LineHealth

func (w ways) Lines() []uptime.LineStatus {
	return []uptime.LineStatus{{Line: uptime.Line{ID: 1, Name: "a"}, Device: "ppp0"}, {Line: uptime.Line{ID: 2, Name: "b"}}}
}

func (ways) LineName(uptime.LineID) string                     { return "" }
func (w ways) LineHealth() map[uptime.LineID]uptime.LineHealth { return w }

func TestALineOverWhichNothingAnswersIsSuspectedWhileAnotherWorks(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	health := ways{}
	s := newSystem(t, func(_ *api.Config, d *api.Deps) { d.Lines, d.LineHealth = health, health })
	operator := s.operator()
	for what, c := range map[string]struct {
		a, b     uptime.LineHealth
		suspects string
	}{
		"both work":          {a: uptime.LineHealth{Replies: 50, LastReply: now}, b: uptime.LineHealth{Replies: 1, Failures: 50}},
		"one answers alone":  {a: uptime.LineHealth{Replies: 1, LastReply: now}, b: uptime.LineHealth{Failures: 6, Unmeasured: 4}, suspects: "b"},
		"too few to suspect": {a: uptime.LineHealth{Replies: 50, LastReply: now}, b: uptime.LineHealth{Failures: 9}},
		"nothing answers":    {a: uptime.LineHealth{Failures: 50}, b: uptime.LineHealth{Failures: 50}},
	} {
		health[1], health[2] = c.a, c.b
		list := want[api.OperatorLineList](operator, 200, "GET", "/operator/lines", nil)
		if len(list.Items) != 2 || list.Items[0].Device == nil {
			t.Fatalf("%+v", list)
		}
		var suspects []string
		for _, l := range list.Items {
			if len(l.Health.Warnings) > 0 {
				suspects = append(suspects, l.Name)
			}
		}
		if got := strings.Join(suspects, " "); got != c.suspects {
			t.Errorf("%s: suspects %q", what, got)
		}
		h := list.Items[0].Health
		if h.Replies != c.a.Replies || h.Failures != c.a.Failures || h.Unmeasured != c.a.Unmeasured || (h.LastReplyAt != nil) != !c.a.LastReply.IsZero() {
			t.Errorf("%s: %+v", what, h)
		}
	}
}
