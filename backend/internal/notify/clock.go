package notify

import (
	"fmt"
	"time"
)

// clock says times in a zone.
type clock struct{ zone *time.Location }

func (c clock) in(t time.Time) time.Time { return t.In(c.zone) }

// sameDay tells whether two times are of one calendar day.
func (c clock) sameDay(a, b time.Time) bool {
	y1, m1, d1 := c.in(a).Date()
	y2, m2, d2 := c.in(b).Date()
	return y1 == y2 && m1 == m2 && d1 == d2
}

// zoneName is JST, or UTC+03 where the zone has no letters of its own.
func (c clock) zoneName(t time.Time) string {
	name, _ := c.in(t).Zone()
	if name != "" && (name[0] == '+' || name[0] == '-') {
		return "UTC" + name
	}
	return name
}

// stretch is how long something lasted, to the minute.
type stretch struct{ days, hours, minutes int }

func newStretch(d time.Duration) stretch {
	m := int(d.Round(time.Minute) / time.Minute)
	if d < time.Minute {
		m = 0
	}
	return stretch{days: m / 1440, hours: m / 60 % 24, minutes: m % 60}
}

// ja is 約10分, 約2時間5分, 約3日4時間, 1分未満.
func (s stretch) ja() string {
	switch {
	case s.days > 0 && s.hours > 0:
		return fmt.Sprintf("約%d日%d時間", s.days, s.hours)
	case s.days > 0:
		return fmt.Sprintf("約%d日", s.days)
	case s.hours > 0 && s.minutes > 0:
		return fmt.Sprintf("約%d時間%d分", s.hours, s.minutes)
	case s.hours > 0:
		return fmt.Sprintf("約%d時間", s.hours)
	case s.minutes > 0:
		return fmt.Sprintf("約%d分", s.minutes)
	}
	return "1分未満"
}

// en is "about 10 min", with minute as the word for minutes.
func (s stretch) en(minute func(n int) string) string {
	switch {
	case s.days > 0 && s.hours > 0:
		return fmt.Sprintf("about %d d %d h", s.days, s.hours)
	case s.days > 0:
		return fmt.Sprintf("about %d d", s.days)
	case s.hours > 0 && s.minutes > 0:
		return fmt.Sprintf("about %d h %d min", s.hours, s.minutes)
	case s.hours > 0:
		return fmt.Sprintf("about %d h", s.hours)
	case s.minutes > 0:
		return "about " + minute(s.minutes)
	}
	return "less than a minute"
}
