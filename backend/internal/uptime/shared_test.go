package uptime_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// failOver judges failures over the given lines, one a turn; 0 is a result
// that could not be measured because the line was out.
func failOver(lines ...uptime.LineID) []uptime.Event {
	s, all := uptime.NewStanding(midnight), []uptime.Event(nil)
	for i, line := range lines {
		sample := uptime.Sample{At: turn(i), Reason: uptime.Timeout, Line: line}
		if line == 0 {
			sample.Reason = uptime.LineDown
		}
		var events []uptime.Event
		s, events = uptime.Judge(uptime.DefaultPolicy(), s, uptime.Result{Sample: sample, Generation: s.Generation})
		all = append(all, events...)
	}
	return all
}

func TestAnAnomalyIsConfirmedByTheLinesThatMeasured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lines, want []uptime.LineID }{
		{[]uptime.LineID{1, 2}, []uptime.LineID{1, 2}},
		{[]uptime.LineID{2, 1}, []uptime.LineID{2, 1}},
		{[]uptime.LineID{1, 0, 1}, []uptime.LineID{1}}, // the other line was out
		{[]uptime.LineID{1, 1}, []uptime.LineID{1}},    // an installation with one line
		{[]uptime.LineID{1, 1, 2}, []uptime.LineID{1}}, // what comes after proves nothing before
	} {
		events := failOver(c.lines...)
		if len(events) != 1 || events[0].Kind != uptime.Anomaly || !slices.Equal(events[0].ConfirmedBy(), c.want) {
			t.Errorf("over %v: got %+v, want one anomaly confirmed by %v", c.lines, events, c.want)
		}
	}
}

func TestAnEventKeepsItsEvidenceWhileTheRunGoesOn(t *testing.T) {
	t.Parallel()
	_, events, _ := live(uptime.DefaultPolicy(), "oowe")
	proof := slices.Clone(events[0].Evidence)
	_, longer, _ := live(uptime.DefaultPolicy(), "oowennoo")
	if !slices.Equal(longer[0].Evidence, proof) || !slices.Equal(longer[1].Evidence, proof) {
		t.Errorf("evidence %+v and %+v, want %+v", longer[0].Evidence, longer[1].Evidence, proof)
	}
}

// One frame that is held may grow into two: by a batch that failed and by the
// one that is written after it.
func TestFramesThatGrowFromOneDoNotTouchEachOther(t *testing.T) {
	t.Parallel()
	before := []uptime.Sample{
		{At: midnight, Reason: uptime.Connected, Line: 1, RTT: time.Millisecond},
		{At: turn(1), Reason: uptime.Connected, Line: 2, RTT: time.Millisecond},
	}
	roomy := append(make([]byte, 0, 256), pack(t, before)...)
	held := roomy[:len(roomy):len(roomy)]
	first := uptime.Sample{At: turn(2), Reason: uptime.Timeout, Line: 1}
	second := uptime.Sample{At: turn(2).Add(time.Second), Reason: uptime.Refused, Line: 2, RTT: 7 * time.Millisecond}
	one, err := uptime.AppendSample(held, first)
	if err != nil {
		t.Fatal(err)
	}
	two, err := uptime.AppendSample(held, second)
	if err != nil {
		t.Fatal(err)
	}
	if got := unpack(t, one); !slices.Equal(got, append(slices.Clone(before), first)) {
		t.Errorf("the first became %+v", got)
	}
	if got := unpack(t, two); !slices.Equal(got, append(slices.Clone(before), second)) {
		t.Errorf("the second became %+v", got)
	}
	if !bytes.Equal(held, pack(t, before)) || !bytes.Equal(roomy[len(roomy):cap(roomy)], make([]byte, cap(roomy)-len(roomy))) {
		t.Error("something was written behind what is held")
	}
}

func TestNothingIsAppendedThatHasNoReason(t *testing.T) {
	t.Parallel()
	frame := pack(t, []uptime.Sample{{At: midnight, Reason: uptime.Reply, Line: 1}})
	for _, r := range []uptime.Reason{0, uptime.Internal + 1, 31, 255} {
		if got, err := uptime.AppendSample(frame, uptime.Sample{At: turn(1), Reason: r}); err == nil {
			t.Errorf("reason %d made % x", r, got)
		}
	}
}
