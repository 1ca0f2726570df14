package uptime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// A frame is a packed run of samples:
//
//	version byte 1
//	per sample:
//	  zigzag varint change of the time delta, in ms
//	  varint        line << 5 | reason
//	  varint        round trip in µs, 0 if there was no answer
//
// The delta is the time since the sample before, the first one's since the
// Unix epoch; its change is against the delta before, 0 for the first two
// samples. So a regular check every five minutes costs 1 + 1 + 2..3 bytes.
// Times may step back. SQL function hinomi_samples(bytea) decodes the same.
const frameVersion = 1

const (
	maxRTT     = time.Duration(math.MaxInt32) * time.Microsecond // 35 minutes
	reasonBits = 5
	reasonMask = 1<<reasonBits - 1
)

// ErrFrame says that a frame cannot have been made by PackSamples.
var ErrFrame = errors.New("damaged sample frame")

// frameClock is what both directions remember of the time between two samples.
type frameClock struct {
	at, delta int64 // Unix ms of the last sample; ms between the last two
	n         int   // samples so far
}

func (c *frameClock) advance(at int64) {
	if c.n > 0 {
		c.delta = at - c.at
	}
	c.at = at
	c.n++
}

// PackSamples makes one frame; no samples make an empty one. Times are cut to
// the millisecond, round trips to the microsecond and to 35 minutes.
func PackSamples(samples []Sample) ([]byte, error) {
	frame := make([]byte, 0, 8+6*len(samples))
	var clock frameClock
	var err error
	for _, s := range samples {
		if frame, err = appendSample(frame, &clock, s); err != nil {
			return nil, err
		}
	}
	return frame, nil
}

// AppendSample adds a sample to a frame, or starts one when frame is empty. It
// may write behind len(frame).
func AppendSample(frame []byte, s Sample) ([]byte, error) {
	clock, err := walk(frame, nil)
	if err != nil {
		return nil, err
	}
	return appendSample(frame, &clock, s)
}

// UnpackSamples gives the samples of a frame in the order they were packed,
// with times in UTC. An error wraps ErrFrame.
func UnpackSamples(frame []byte) ([]Sample, error) {
	samples := make([]Sample, 0, len(frame)/4)
	_, err := walk(frame, func(s Sample) { samples = append(samples, s) })
	return samples, err
}

func appendSample(frame []byte, clock *frameClock, s Sample) ([]byte, error) {
	if !s.Reason.Valid() {
		return nil, fmt.Errorf("pack sample: reason %d does not exist", s.Reason)
	}
	if len(frame) == 0 {
		frame = append(frame, frameVersion)
	}
	at := s.At.UnixMilli()
	frame = binary.AppendVarint(frame, at-clock.at-clock.delta)
	frame = binary.AppendUvarint(frame, uint64(s.Line)<<reasonBits|uint64(s.Reason))
	frame = binary.AppendUvarint(frame, uint64(min(max(s.RTT, 0), maxRTT)/time.Microsecond))
	clock.advance(at)
	return frame, nil
}

func walk(frame []byte, visit func(Sample)) (frameClock, error) {
	var clock frameClock
	if len(frame) == 0 {
		return clock, nil
	}
	if frame[0] != frameVersion {
		return clock, fmt.Errorf("%w: version %d", ErrFrame, frame[0])
	}
	for rest := frame[1:]; len(rest) > 0; {
		change, n1 := binary.Varint(rest)
		what, n2 := binary.Uvarint(rest[max(n1, 0):])
		rtt, n3 := binary.Uvarint(rest[max(n1, 0)+max(n2, 0):])
		if n1 <= 0 || n2 <= 0 || n3 <= 0 || what>>reasonBits > math.MaxUint8 || rtt > math.MaxInt32 || !Reason(what&reasonMask).Valid() {
			return clock, fmt.Errorf("%w: sample %d", ErrFrame, clock.n)
		}
		rest = rest[n1+n2+n3:]
		clock.advance(clock.at + clock.delta + change)
		if visit != nil {
			visit(Sample{
				At: time.UnixMilli(clock.at).UTC(), Line: LineID(what >> reasonBits),
				Reason: Reason(what & reasonMask), RTT: time.Duration(rtt) * time.Microsecond,
			})
		}
	}
	return clock, nil
}
