package uptime_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// pack fails the test instead of answering an error.
func pack(t testing.TB, samples []uptime.Sample) []byte {
	t.Helper()
	frame, err := uptime.PackSamples(samples)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func unpack(t testing.TB, frame []byte) []uptime.Sample {
	t.Helper()
	samples, err := uptime.UnpackSamples(frame)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// randomSamples are regular with lateness; now and then time jumps, back too.
func randomSamples(rnd *rand.Rand) []uptime.Sample {
	reasons := uptime.Reasons()
	at := midnight.Add(time.Duration(rnd.Int64N(int64(24 * time.Hour)))).Truncate(time.Millisecond)
	samples := make([]uptime.Sample, rnd.IntN(400))
	for i := range samples {
		at = at.Add(300*time.Second + time.Duration(rnd.IntN(2000)-1000)*time.Millisecond)
		if rnd.IntN(20) == 0 {
			at = at.Add(time.Duration(rnd.Int64N(int64(48*time.Hour))) - 24*time.Hour).Truncate(time.Millisecond)
		}
		samples[i] = uptime.Sample{At: at, Reason: reasons[rnd.IntN(len(reasons))], Line: uptime.LineID(rnd.IntN(256))}
		if samples[i].Status() == uptime.OK {
			samples[i].RTT = time.Duration(rnd.Int64N(5_000_000)) * time.Microsecond
		}
	}
	return samples
}

func TestFramesGiveBackWhatWasPacked(t *testing.T) {
	t.Parallel()
	backwards := 0
	for seed := range uint64(300) {
		samples := randomSamples(rand.New(rand.NewPCG(seed, 2)))
		for i := range samples {
			if i > 0 && samples[i].At.Before(samples[i-1].At) {
				backwards++
			}
		}
		whole := pack(t, samples)
		if got := unpack(t, whole); len(got) != len(samples) || (len(got) > 0 && !reflect.DeepEqual(got, samples)) {
			t.Fatalf("seed %d: %d samples came back of %d, or others", seed, len(got), len(samples))
		}
		var grown []byte
		for _, s := range samples {
			var err error
			if grown, err = uptime.AppendSample(grown, s); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(whole, grown) {
			t.Fatalf("seed %d: a frame that grew differs from one packed at once", seed)
		}
	}
	if backwards == 0 {
		t.Error("time never stepped back")
	}
}

func TestFramesKeepExtremes(t *testing.T) {
	t.Parallel()
	samples := []uptime.Sample{
		{At: time.UnixMilli(0).UTC(), Reason: uptime.Reply, Line: 255, RTT: time.Microsecond},
		{At: time.UnixMilli(-1).UTC(), Reason: uptime.Internal, Line: 0},
		{At: time.UnixMilli(253402300799999).UTC(), Reason: uptime.Connected, Line: 1, RTT: math.MaxInt32 * time.Microsecond},
		{At: time.UnixMilli(-62135596800000).UTC(), Reason: uptime.Timeout, Line: 7},
	}
	if got := unpack(t, pack(t, samples)); !reflect.DeepEqual(got, samples) {
		t.Errorf("got %v", got)
	}
}

func TestFramesCutWhatIsFinerOrLonger(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	fine := uptime.Sample{At: midnight.Add(1234567 * time.Nanosecond).In(tokyo), Reason: uptime.Reply, Line: 1, RTT: 1999 * time.Nanosecond}
	long := uptime.Sample{At: midnight, Reason: uptime.Reply, Line: 1, RTT: time.Hour}
	back := uptime.Sample{At: midnight, Reason: uptime.Timeout, Line: 1, RTT: -time.Second}
	got := unpack(t, pack(t, []uptime.Sample{fine, long, back}))
	if got[0].At != midnight.Add(time.Millisecond) || got[0].RTT != time.Microsecond {
		t.Errorf("fine: %+v", got[0])
	}
	if got[1].RTT != math.MaxInt32*time.Microsecond || got[2].RTT != 0 {
		t.Errorf("round trips %s, %s", got[1].RTT, got[2].RTT)
	}
}

func TestADayOfRegularChecksIsSmall(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 3))
	samples := make([]uptime.Sample, 288)
	for i := range samples {
		late := time.Duration(rnd.IntN(20)) * time.Millisecond
		samples[i] = uptime.Sample{
			At: midnight.Add(time.Duration(i)*5*time.Minute + late), Reason: uptime.Connected,
			Line: uptime.LineID(1 + i%2), RTT: time.Duration(5_000+rnd.IntN(200_000)) * time.Microsecond,
		}
	}
	if size := len(pack(t, samples)); size > 6*len(samples) {
		t.Errorf("%d bytes for %d samples", size, len(samples))
	}
}

// The layout is read by SQL too and lies in databases: it never changes.
func TestTheLayoutOfFramesIsForEver(t *testing.T) {
	t.Parallel()
	frame := pack(t, []uptime.Sample{
		{At: time.UnixMilli(1000).UTC(), Reason: uptime.Connected, Line: 1, RTT: 300 * time.Microsecond},
		{At: time.UnixMilli(1010).UTC(), Reason: uptime.Timeout, Line: 2},
		{At: time.UnixMilli(1019).UTC(), Reason: uptime.Refused, Line: 1},
	})
	want := []byte{
		1,
		0xd0, 0x0f, 1<<5 | 2, 0xac, 0x02, // 1000 zigzag 2000; line 1 connected; 300 µs
		20, 2<<5 | 10, 0, // +10 ms zigzag 20; line 2 timeout
		1, 1<<5 | 3, 0, // 1 ms less zigzag 1; line 1 refused
	}
	if !bytes.Equal(frame, want) {
		t.Errorf("got % x, want % x", frame, want)
	}
}

func TestWhatCannotBePackedIsRefused(t *testing.T) {
	t.Parallel()
	for _, r := range []uptime.Reason{0, uptime.Internal + 1, 31, 255} {
		if _, err := uptime.PackSamples([]uptime.Sample{{At: midnight, Reason: r}}); err == nil {
			t.Errorf("reason %d was packed", r)
		}
	}
	if frame := pack(t, nil); len(frame) != 0 {
		t.Errorf("no samples make %d bytes", len(frame))
	}
}

func TestDamagedFramesAreTold(t *testing.T) {
	t.Parallel()
	overlong := bytes.Repeat([]byte{0xff}, 11)
	for name, frame := range map[string][]byte{
		"another version":      {2, 0, 33, 0},
		"half a time":          {1, 0xd0},
		"no reason":            {1, 2},
		"half a reason":        {1, 2, 0x80},
		"no round trip":        {1, 2, 33},
		"half a round trip":    {1, 2, 33, 0xac},
		"reason 0":             {1, 2, 32, 0},
		"reason 31":            {1, 2, 63, 0},
		"line 256":             {1, 2, 0x81, 0x40, 0},
		"a round trip of 2^31": {1, 2, 33, 0x80, 0x80, 0x80, 0x80, 0x08},
		"an overlong time":     append([]byte{1}, overlong...),
		"an overlong reason":   append([]byte{1, 2}, overlong...),
	} {
		if _, err := uptime.UnpackSamples(frame); !errors.Is(err, uptime.ErrFrame) {
			t.Errorf("%s: unpacked with %v", name, err)
		}
		if _, err := uptime.AppendSample(frame, uptime.Sample{At: midnight, Reason: uptime.Reply}); !errors.Is(err, uptime.ErrFrame) {
			t.Errorf("%s: appended to with %v", name, err)
		}
	}
}

func FuzzUnpackSamples(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(pack(f, randomSamples(rand.New(rand.NewPCG(seed, 4)))))
	}
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 33, 0})
	f.Fuzz(func(t *testing.T, frame []byte) {
		samples, err := uptime.UnpackSamples(frame)
		if err != nil {
			if !errors.Is(err, uptime.ErrFrame) {
				t.Fatalf("damaged, but told as %v", err)
			}
			return
		}
		if got := unpack(t, pack(t, samples)); !reflect.DeepEqual(got, samples) && len(samples) > 0 {
			t.Fatalf("packed anew: %v, was %v", got, samples)
		}
		next := uptime.Sample{At: midnight, Reason: uptime.Reply, Line: 3}
		grown, err := uptime.AppendSample(bytes.Clone(frame), next)
		if err != nil {
			t.Fatal(err)
		}
		if got := unpack(t, grown); len(got) != len(samples)+1 || got[len(samples)] != next {
			t.Fatalf("appended to: %v", got)
		}
	})
}
