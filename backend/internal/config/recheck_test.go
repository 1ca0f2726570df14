package config

import (
	"strings"
	"testing"
	"time"
)

func TestStoppedMonitorsAreLookedAtHourlyOrNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 0, "off": 0, "1h": time.Hour} {
		if c, err := readWith(map[string]string{"HINOMI_STOP_RECHECK": text}); err != nil || c.StopRecheck != want {
			t.Errorf("%q: %v, %v", text, c.StopRecheck, err)
		}
	}
	for _, bad := range []string{"on", "1m", "2h", "3600"} {
		if _, err := readWith(map[string]string{"HINOMI_STOP_RECHECK": bad}); err == nil || !strings.Contains(err.Error(), "HINOMI_STOP_RECHECK") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
