package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// english says alerts in English.
type english struct {
	clock
	timeout time.Duration
}

func (s english) at(t time.Time) string { return s.in(t).Format("15:04") }

// on is 22 Nov 03:05.
func (s english) on(t time.Time) string { return s.in(t).Format("2 Jan 15:04") }

// full is 22 Nov 03:05 JST.
func (s english) full(t time.Time) string { return s.on(t) + " " + s.zoneName(t) }

// near is the time, with its day if that is not the day of ref.
func (s english) near(t, ref time.Time) string {
	if s.sameDay(t, ref) {
		return s.at(t)
	}
	return s.on(t)
}

func (english) line(l uptime.Line) string {
	if l.Label != "" {
		return oneLine(l.Label)
	}
	return "line " + shortName(l.Name)
}

// service is HTTP port 80, or PING.
func (english) service(f facts) string {
	if f.Port == 0 {
		return f.Service.Label()
	}
	return fmt.Sprintf("%s port %d", f.Service.Label(), f.Port)
}

// hostWords is Head office web (www.example.jp).
func (english) hostWords(f facts) string {
	host := f.host
	if f.ascii != "" {
		host += ", " + f.ascii
	}
	switch {
	case f.Label != "":
		return f.Label + " (" + host + ")"
	case f.ascii != "":
		return f.host + " (" + f.ascii + ")"
	}
	return host
}

// what is Head office web (www.example.jp), HTTP port 80.
func (s english) what(f facts) string { return s.hostWords(f) + ", " + s.service(f) }

// evidence is 03:05 line A: no answer in 5 s. 03:10 line B: connection refused.
func (s english) evidence(f facts) string {
	parts := make([]string, len(f.Evidence))
	for i, e := range f.Evidence {
		part := s.near(e.At, f.At) + " "
		line, named := f.lineOf(e)
		switch {
		case e.Status() == uptime.OK && named:
			part += s.line(line) + " " + s.roundTrip(e)
		case e.Status() == uptime.OK:
			part += s.roundTrip(e)
		case named:
			part += s.line(line) + ": " + e.Reason.Words("en", s.timeout)
		default:
			part += e.Reason.Words("en", s.timeout)
		}
		parts[i] = part
	}
	return strings.Join(parts, ". ")
}

func (english) roundTrip(e uptime.Sample) string {
	switch {
	case e.RTT <= 0:
		return "answered"
	case e.RTT < time.Millisecond:
		return "under 1 ms"
	}
	return fmt.Sprintf("%d ms", e.RTT.Round(time.Millisecond).Milliseconds())
}

// alone says why a single line is all the proof; "" if it is not.
func (s english) alone(f facts) string {
	if len(f.out) == 0 {
		return ""
	}
	names := make([]string, len(f.out))
	for i, l := range f.out {
		names[i] = s.line(l)
	}
	was := "was"
	if len(names) > 1 {
		was = "were"
	}
	return fmt.Sprintf(" %s %s out on our side; this is %s alone.", capital(strings.Join(names, " and ")), was, s.line(f.lines[0]))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// count is Two for 2.
func count(n int) string {
	words := []string{"No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

func (s english) single(f facts) text {
	name := func(subject string) string {
		return fit(f.name, func(name string) string { return fmt.Sprintf(subject, name, f.title()) })
	}
	switch f.Kind {
	case uptime.Recovery:
		return text{name("UP: %s %s, " + s.recoverySubject(f)), s.recovery(f)}
	case uptime.StoppedAlert:
		return text{name("STOPPED: %s %s is no longer watched"), s.stopped(f)}
	default:
		return text{name("DOWN: %s %s, " + s.anomalySubject(f)), s.anomaly(f)}
	}
}

func (s english) anomalySubject(f facts) string {
	switch {
	case f.Again:
		return "still " + s.status(f) + " after resume"
	case f.NeverUp:
		return "no answer since it was added"
	}
	return s.status(f) + " since " + s.near(f.Since, f.At)
}

// status is "no answer"; what is wrong with a name is said in full.
func (s english) status(f facts) string {
	switch first := f.Evidence[0]; {
	case first.Reason == uptime.ForbiddenAddress:
		return "address not allowed" // the full words are too long for a subject
	case first.Status() == uptime.ERR:
		return first.Reason.Words("en", s.timeout)
	}
	return f.Evidence[0].Status().Words("en")
}

func (s english) anomaly(f facts) string {
	var first string
	switch {
	case f.Again:
		first = fmt.Sprintf("%s, still cannot be reached after watching was resumed. It has failed since %s.", s.what(f), s.full(f.Since))
	case f.NeverUp:
		first = fmt.Sprintf("%s, has not answered since it was added. The first check that failed was at %s.", s.what(f), s.full(f.Since))
	default:
		first = fmt.Sprintf("%s, cannot be reached since %s.", s.what(f), s.full(f.Since))
	}
	second := fmt.Sprintf("%s. %s failures in a row.%s", s.evidence(f), count(int(f.Streak)), s.alone(f))
	return s.join(first, second, s.next(f)) + s.checks(f) + "\nThe monitor: " + f.link + "\n"
}

func (s english) next(f facts) string {
	switch {
	case f.next.IsZero():
		return ""
	case f.stop.IsZero():
		return fmt.Sprintf("Next check %s.", s.near(f.next, f.At))
	}
	return fmt.Sprintf("Next check %s. If it goes on, watching stops by itself at about %s.", s.near(f.next, f.At), s.near(f.stop, f.At))
}

func shortMinutes(n int) string { return fmt.Sprintf("%d min", n) }

func longMinutes(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

func (s english) recoverySubject(f facts) string {
	back := f.Evidence[0].At
	if !f.GapFrom.IsZero() {
		return "answers again since " + s.near(back, f.At)
	}
	return fmt.Sprintf("back at %s after %s", s.near(back, f.At), newStretch(back.Sub(f.Since)).en(shortMinutes))
}

func (s english) recovery(f facts) string {
	back := f.Evidence[0].At
	second := fmt.Sprintf("It was unreachable from %s to %s, %s.", s.near(f.Since, f.At), s.near(back, f.Since), newStretch(back.Sub(f.Since)).en(longMinutes))
	if !f.GapFrom.IsZero() {
		second = fmt.Sprintf("Failing since %s. Not watched from %s to %s, so when it came back is not known.",
			s.near(f.Since, f.At), s.near(f.GapFrom, f.At), s.near(f.GapTo, f.At))
	}
	return s.join(
		fmt.Sprintf("%s, answers again since %s.", s.what(f), s.full(back)), second,
		fmt.Sprintf("%s. %s good answers in a row; watching goes on.%s", s.evidence(f), count(len(f.Evidence)), s.alone(f)),
	) + "\nThe monitor: " + f.link + "\n"
}

func (s english) stopped(f facts) string {
	return s.join(
		fmt.Sprintf("Watching of %s, stopped by itself at %s.", s.what(f), s.full(f.At)),
		fmt.Sprintf("It failed %d times in a row since %s. Nobody is looking now, so we cannot tell you when it is back.", f.Streak, s.near(f.Evidence[0].At, f.At)),
		fmt.Sprintf("The first %s: %s.%s", strings.ToLower(count(len(f.Evidence))), s.evidence(f), s.alone(f)),
		"When it is fixed, press Resume; the first check starts within seconds: "+f.link,
	) + s.checks(f)
}

func (english) join(lines ...string) string { return japanese{}.join(lines...) }

func (english) checks(all ...facts) string {
	items := checkFirst(all, checkEnglish)
	if len(items) == 0 {
		return ""
	}
	return "\nCheck first\n- " + strings.Join(items, "\n- ") + "\n"
}

func (s english) short(f facts) string {
	switch f.Kind {
	case uptime.Recovery:
		if !f.GapFrom.IsZero() {
			return fmt.Sprintf("Answers since %s; when it came back is not known.", s.near(f.Evidence[0].At, f.At))
		}
		return fmt.Sprintf("Back at %s, %s.", s.near(f.Evidence[0].At, f.At), newStretch(f.Evidence[0].At.Sub(f.Since)).en(shortMinutes))
	case uptime.StoppedAlert:
		return fmt.Sprintf("%d failures, stopped %s. Resume when fixed.", f.Streak, s.at(f.At))
	default:
		return s.shortAnomaly(f)
	}
}

func (s english) shortAnomaly(f facts) string {
	text := fmt.Sprintf("%s since %s%s.", capital(s.status(f)), s.near(f.Since, f.At), s.shortLines(f))
	switch {
	case f.next.IsZero():
		return text
	case f.stop.IsZero():
		return text + fmt.Sprintf(" Next %s.", s.at(f.next))
	}
	return text + fmt.Sprintf(" Next %s, stops about %s.", s.at(f.next), s.at(f.stop))
}

// shortLines is " (A, B)", or " (A only)".
func (s english) shortLines(f facts) string {
	if len(f.lines) == 0 {
		return ""
	}
	names := make([]string, len(f.lines))
	for i, l := range f.lines {
		names[i] = strings.TrimPrefix(s.line(l), "line ")
	}
	only := ""
	if len(f.out) > 0 {
		only = " only"
	}
	return " (" + strings.Join(names, ", ") + only + ")"
}
