package notify

import (
	"fmt"
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (s japanese) digest(d digest) text {
	var b strings.Builder
	left := maxDetails
	for i, g := range d.groups {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s %d件\n", s.kind(g.kind), len(g.items))
		for _, f := range g.items[:min(left, len(g.items))] {
			b.WriteString("\n" + s.item(f))
		}
		left -= min(left, len(g.items))
		if tail := s.tail(g); tail != "" {
			b.WriteString("\n" + tail)
		}
	}
	if more := len(d.all) - maxDetails; more > 0 {
		fmt.Fprintf(&b, "\nほか%d件は一覧でご覧ください: %s\n", more, d.home)
	}
	return text{s.digestSubject(d), b.String() + s.checks(d.all...)}
}

func (japanese) kind(k uptime.AlertKind) string {
	switch k {
	case uptime.Recovery:
		return "復旧"
	case uptime.StoppedAlert:
		return "監視停止"
	default:
		return "異常"
	}
}

func (s japanese) digestSubject(d digest) string {
	return fit(d.name(), func(name string) string {
		if d.mixed() {
			counts := make([]string, len(d.groups))
			for i, g := range d.groups {
				counts[i] = fmt.Sprintf("%s%d", strings.TrimPrefix(s.kind(g.kind), "監視"), len(g.items))
			}
			return "【" + strings.Join(counts, "・") + "】" + name + s.scope(d)
		}
		subject := fmt.Sprintf("【%s%d件】%s%s", s.kind(d.groups[0].kind), len(d.all), name, s.scope(d))
		switch d.groups[0].kind {
		case uptime.Recovery:
			return subject + " " + s.near(d.back(), d.at()) + "に回復"
		case uptime.StoppedAlert:
			return subject
		default:
			return subject + " " + s.near(d.since(), d.at()) + "から"
		}
	})
}

// scope says which services, or that there are other hosts.
func (japanese) scope(d digest) string {
	switch labels := d.services(); {
	case !d.oneTarget():
		return "ほか"
	case d.mixed() && !d.oneMonitor():
		return ""
	case len(labels) > 2:
		return " " + strings.Join(labels[:2], "・") + "ほか"
	default:
		return " " + strings.Join(labels, "・")
	}
}

func (s japanese) item(f facts) string {
	var when string
	switch {
	case f.Kind == uptime.StoppedAlert:
		when = fmt.Sprintf("%sから%d回続けて失敗、%sに停止", s.near(f.Evidence[0].At, f.At), f.Streak, s.on(f.At))
	case f.Kind == uptime.Recovery && !f.GapFrom.IsZero():
		when = fmt.Sprintf("%sから応答(%sから%sまで監視が止まっていたため、いつ直ったかは分かりません)",
			s.on(f.Evidence[0].At), s.near(f.GapFrom, f.At), s.near(f.GapTo, f.At))
	case f.Kind == uptime.Recovery:
		when = fmt.Sprintf("%sに回復(%s)", s.on(f.Evidence[0].At), newStretch(f.Evidence[0].At.Sub(f.Since)).ja())
	case f.Again:
		when = fmt.Sprintf("監視の再開後もつながりません(%sから)", s.on(f.Since))
	case f.NeverUp:
		when = fmt.Sprintf("登録後まだ応答がありません(%sから)", s.on(f.Since))
	default:
		when = s.on(f.Since) + "から"
	}
	text := fmt.Sprintf("・%s %s %s\n  %s\n", s.hostWords(f), s.service(f), when, s.evidence(f))
	if alone := s.alone(f); alone != "" {
		text += "  " + alone + "\n"
	}
	return text + "  " + f.link + "\n"
}

// tail is what holds for a whole group.
func (s japanese) tail(g group) string {
	var b strings.Builder
	if len(g.items) > 1 && everyLine(g.items) {
		b.WriteString("いずれも" + allLines(g.items[0].all, "両方", "すべて") + "の回線で確認しました。\n")
	}
	switch g.kind {
	case uptime.StoppedAlert:
		b.WriteString("いまは見ていないので、直ってもお知らせできません。直ったら「監視の再開」を押してください。数秒でチェックを始めます。\n")
	case uptime.Anomaly:
		last := g.items[len(g.items)-1].At
		if t := earliest(g.items, next); !t.IsZero() {
			fmt.Fprintf(&b, "次のチェックは%sからです。", s.near(t, last))
			if t := earliest(g.items, stop); !t.IsZero() {
				fmt.Fprintf(&b, "このまま続くと、%sごろから監視を自動停止します。", s.near(t, last))
			}
			b.WriteString("\n")
		}
	default:
	}
	return b.String()
}

// allLines picks the word for two lines, or for more.
func allLines(lines int, both, all string) string {
	if lines == 2 {
		return both
	}
	return all
}

func (s english) digest(d digest) text {
	var b strings.Builder
	left := maxDetails
	for i, g := range d.groups {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s: %d\n", s.kind(g.kind), len(g.items))
		for _, f := range g.items[:min(left, len(g.items))] {
			b.WriteString("\n" + s.item(f))
		}
		left -= min(left, len(g.items))
		if tail := s.tail(g); tail != "" {
			b.WriteString("\n" + tail)
		}
	}
	if more := len(d.all) - maxDetails; more > 0 {
		fmt.Fprintf(&b, "\n%d more are in the list: %s\n", more, d.home)
	}
	return text{s.digestSubject(d), b.String() + s.checks(d.all...)}
}

func (english) kind(k uptime.AlertKind) string {
	switch k {
	case uptime.Recovery:
		return "UP"
	case uptime.StoppedAlert:
		return "STOPPED"
	default:
		return "DOWN"
	}
}

func (s english) digestSubject(d digest) string {
	return fit(d.name(), func(name string) string {
		if d.mixed() {
			counts := make([]string, len(d.groups))
			for i, g := range d.groups {
				counts[i] = fmt.Sprintf("%d %s", len(g.items), strings.ToLower(s.kind(g.kind)))
			}
			return strings.Join(counts, ", ") + ": " + name + s.scope(d)
		}
		subject := fmt.Sprintf("%s ×%d: %s%s", s.kind(d.groups[0].kind), len(d.all), name, s.scope(d))
		switch d.groups[0].kind {
		case uptime.Recovery:
			return subject + ", back at " + s.near(d.back(), d.at())
		case uptime.StoppedAlert:
			return subject
		default:
			return subject + ", since " + s.near(d.since(), d.at())
		}
	})
}

// scope says which services, or that there are other hosts.
func (english) scope(d digest) string {
	switch labels := d.services(); {
	case !d.oneTarget():
		return " and others"
	case d.mixed() && !d.oneMonitor():
		return ""
	case len(labels) > 2:
		return fmt.Sprintf(" %s and %d more", strings.Join(labels[:2], ", "), len(labels)-2)
	default:
		return " " + strings.Join(labels, " and ")
	}
}

func (s english) item(f facts) string {
	var when string
	switch {
	case f.Kind == uptime.StoppedAlert:
		when = fmt.Sprintf("failed %d times in a row since %s, stopped at %s", f.Streak, s.near(f.Evidence[0].At, f.At), s.full(f.At))
	case f.Kind == uptime.Recovery && !f.GapFrom.IsZero():
		when = fmt.Sprintf("answers again since %s; not watched from %s to %s, so when it came back is not known",
			s.full(f.Evidence[0].At), s.near(f.GapFrom, f.At), s.near(f.GapTo, f.At))
	case f.Kind == uptime.Recovery:
		when = fmt.Sprintf("back at %s after %s", s.full(f.Evidence[0].At), newStretch(f.Evidence[0].At.Sub(f.Since)).en(shortMinutes))
	case f.Again:
		when = "still failing after watching was resumed, since " + s.full(f.Since)
	case f.NeverUp:
		when = "no answer since it was added; first failure " + s.full(f.Since)
	default:
		when = "since " + s.full(f.Since)
	}
	text := fmt.Sprintf("- %s, %s\n  %s.%s\n", s.what(f), when, s.evidence(f), s.alone(f))
	return text + "  " + f.link + "\n"
}

// tail is what holds for a whole group.
func (s english) tail(g group) string {
	var b strings.Builder
	if len(g.items) > 1 && everyLine(g.items) {
		b.WriteString("Each was seen over " + allLines(g.items[0].all, "both", "all") + " lines.\n")
	}
	switch g.kind {
	case uptime.StoppedAlert:
		b.WriteString("Nobody is looking now, so we cannot tell you when " + these(g) + " back. When fixed, press Resume; the first check starts within seconds.\n")
	case uptime.Anomaly:
		last := g.items[len(g.items)-1].At
		if t := earliest(g.items, next); !t.IsZero() {
			fmt.Fprintf(&b, "Next checks from %s.", s.near(t, last))
			if t := earliest(g.items, stop); !t.IsZero() {
				fmt.Fprintf(&b, " If it goes on, watching stops by itself from about %s.", s.near(t, last))
			}
			b.WriteString("\n")
		}
	default:
	}
	return b.String()
}

func these(g group) string {
	if len(g.items) == 1 {
		return "it is"
	}
	return "they are"
}
