package uptime

import "time"

// LineHealth is what came of the probes over a line lately.
type LineHealth struct {
	Replies    int       // statuses ok and ng: something answered
	Failures   int       // wr: nothing did
	Unmeasured int       // we could not measure
	LastReply  time.Time // zero if there was none since the start
}
