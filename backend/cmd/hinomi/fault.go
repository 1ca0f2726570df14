package main

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
)

// Two settings exist for proofs only, and are loud: HINOMI_FAULT=nightly:N kills
// the process with SIGKILL after step N of the nightly job, HINOMI_FAULT_CLOCK
// sets the process's wall clock off by a duration.

// faultyNightly is told of the job's steps; nil if no fault is wanted.
func faultyNightly(log *slog.Logger) (func(postgres.NightlyStep), error) {
	v := os.Getenv("HINOMI_FAULT")
	if v == "" {
		return nil, nil
	}
	word, ok := strings.CutPrefix(v, "nightly:")
	n, err := strconv.Atoi(word)
	if !ok || err != nil {
		return nil, fmt.Errorf("HINOMI_FAULT: %q is not nightly:N", v)
	}
	log.Warn("this process will kill itself in the nightly job", "step", n)
	return func(step postgres.NightlyStep) {
		if int(step) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal has come
		}
	}, nil
}

// nightlyEvery is how often the nightly job looks for finished days; a proof
// does not want to wait.
func nightlyEvery(fault func(postgres.NightlyStep)) time.Duration {
	if fault != nil {
		return 3 * time.Second
	}
	return time.Minute
}

// wallClock is time.Now, or off by HINOMI_FAULT_CLOCK.
func wallClock(log *slog.Logger) (func() time.Time, error) {
	v := os.Getenv("HINOMI_FAULT_CLOCK")
	if v == "" {
		return time.Now, nil
	}
	off, err := time.ParseDuration(v)
	if err != nil {
		return nil, fmt.Errorf("HINOMI_FAULT_CLOCK: %w", err)
	}
	log.Warn("the wall clock of this process is set off", "by", off.String())
	return func() time.Time { return time.Now().Add(off) }, nil
}
