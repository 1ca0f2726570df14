package uptime

import (
	"errors"
	"time"
)

// Policy says when a run of failed results becomes an alert.
type Policy struct {
	Interval       time.Duration // effective: from the start of one probe to the start of the next
	Timeout        time.Duration // of one probe; always shorter than Interval
	FailuresToDown int           // consecutive failures that confirm an anomaly; 1 to 16
	SuccessesToUp  int           // consecutive successes that confirm a recovery; 1 to 16
	FailuresToStop int           // consecutive failures that stop the monitor; 0 means never
}

// DefaultPolicy is what the service promises when nothing is configured.
func DefaultPolicy() Policy {
	return Policy{
		Interval: 300 * time.Second, Timeout: 5 * time.Second,
		FailuresToDown: 2, SuccessesToUp: 2, FailuresToStop: 4,
	}
}

// For is the policy of one monitor.
func (p Policy) For(keepWatching bool) Policy {
	if keepWatching {
		p.FailuresToStop = 0
	}
	return p
}

// maxStreak bounds the confirming runs, whose samples a monitor's row carries.
const maxStreak = 16

// staleAfter is the age, in intervals since its last counted result, from which
// a run starts anew: what lies further apart was not "in a row".
const staleAfter = 3

// Validate tells every fault of the policy at once.
func (p Policy) Validate() error {
	var faults []error
	if p.Interval < time.Second {
		faults = append(faults, errors.New("the interval must be at least 1s"))
	}
	if p.Timeout <= 0 || p.Timeout >= p.Interval {
		faults = append(faults, errors.New("the probe timeout must be positive and shorter than the interval"))
	}
	if p.FailuresToDown < 1 || p.FailuresToDown > maxStreak || p.SuccessesToUp < 1 || p.SuccessesToUp > maxStreak {
		faults = append(faults, errors.New("failures to down and successes to up must be 1 to 16"))
	}
	if p.FailuresToStop < 0 || (p.FailuresToStop > 0 && p.FailuresToStop <= p.FailuresToDown) {
		faults = append(faults, errors.New("failures to stop must be 0 (never) or more than failures to down"))
	}
	return errors.Join(faults...)
}
