package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// japanese says alerts in Japanese.
type japanese struct {
	clock
	timeout time.Duration
}

func (s japanese) at(t time.Time) string { return s.in(t).Format("15:04")[hourZero(s.in(t)):] }

// hourZero is 1 where the hour has a leading zero.
func hourZero(t time.Time) int {
	if t.Hour() < 10 {
		return 1
	}
	return 0
}

// on is 11/22(日) 3:05; outside Japan with the zone.
func (s japanese) on(t time.Time) string {
	t = s.in(t)
	day := []string{"日", "月", "火", "水", "木", "金", "土"}[t.Weekday()]
	text := fmt.Sprintf("%d/%d(%s) %s", t.Month(), t.Day(), day, s.at(t))
	if s.zone.String() != "Asia/Tokyo" {
		text += " " + s.zoneName(t)
	}
	return text
}

// near is the time, with its day if that is not the day of ref.
func (s japanese) near(t, ref time.Time) string {
	if s.sameDay(t, ref) {
		return s.at(t)
	}
	return s.on(t)
}

func (japanese) line(l uptime.Line) string {
	if l.Label != "" {
		return oneLine(l.Label)
	}
	return "回線" + shortName(l.Name)
}

// shortName is A for the line a.
func shortName(name string) string {
	if len(name) == 1 {
		return strings.ToUpper(name)
	}
	return name
}

// brief words fit into a list of checks.
func (s japanese) brief(r uptime.Reason) string {
	switch r {
	case uptime.Refused:
		return "接続を拒否"
	case uptime.HostUnreachable:
		return "サーバーに届かない"
	case uptime.NetUnreachable:
		return "ネットワークに届かない"
	case uptime.PortUnreachable:
		return "ポートに届かない"
	case uptime.AdminProhibited:
		return "途中の機器が通信を禁止"
	case uptime.TTLExceeded:
		return "経路が循環している疑い"
	case uptime.DNSNotFound:
		return "ドメイン名が存在しない"
	case uptime.DNSNoAddress:
		return "IPアドレスの登録がない"
	case uptime.DNSFailed:
		return "権威DNSサーバーが答えない"
	case uptime.ForbiddenAddress:
		return "監視できないアドレスを指している"
	default:
		return r.Words("ja", s.timeout)
	}
}

// service is HTTP(80番), or PING.
func (japanese) service(f facts) string {
	if f.Port == 0 {
		return f.Service.Label()
	}
	return fmt.Sprintf("%s(%d番)", f.Service.Label(), f.Port)
}

// host is 本社ウェブ(www.example.jp).
func (japanese) hostWords(f facts) string {
	host := f.host
	if f.ascii != "" {
		host += "・" + f.ascii
	}
	switch {
	case f.Label != "":
		return f.Label + "(" + host + ")"
	case f.ascii != "":
		return f.host + "(" + f.ascii + ")"
	}
	return host
}

// what is 本社ウェブ(www.example.jp)のHTTP(80番).
func (s japanese) what(f facts) string { return s.hostWords(f) + "の" + s.service(f) }

// evidence is 3:05 回線A:5秒待っても応答なし/3:10 回線B:接続を拒否.
func (s japanese) evidence(f facts) string {
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
			part += s.line(line) + ":" + s.brief(e.Reason)
		default:
			part += s.brief(e.Reason)
		}
		parts[i] = part
	}
	return strings.Join(parts, "/")
}

func (japanese) roundTrip(e uptime.Sample) string {
	switch {
	case e.RTT <= 0:
		return "応答あり"
	case e.RTT < time.Millisecond:
		return "1ミリ秒未満"
	}
	return fmt.Sprintf("%dミリ秒", e.RTT.Round(time.Millisecond).Milliseconds())
}

// alone says why a single line is all the proof; "" if it is not.
func (s japanese) alone(f facts) string {
	if len(f.out) == 0 {
		return ""
	}
	names := make([]string, len(f.out))
	for i, l := range f.out {
		names[i] = s.line(l)
	}
	return fmt.Sprintf("%sは監視側の都合で使えず、%sだけの結果です。", strings.Join(names, "と"), s.line(f.lines[0]))
}

func (s japanese) single(f facts) text {
	name := func(subject string) string {
		return fit(f.name, func(name string) string { return fmt.Sprintf(subject, name, f.title()) })
	}
	switch f.Kind {
	case uptime.Recovery:
		return text{name("【復旧】%s %s " + s.recoverySubject(f)), s.recovery(f)}
	case uptime.StoppedAlert:
		return text{name("【監視停止】%s %s いまは見ていません"), s.stopped(f)}
	default:
		return text{name("【異常】%s %s " + s.anomalySubject(f)), s.anomaly(f)}
	}
}

func (s japanese) anomalySubject(f facts) string {
	switch {
	case f.Again:
		return "監視の再開後も" + s.status(f)
	case f.NeverUp:
		return "登録後まだ応答がありません"
	}
	return s.near(f.Since, f.At) + "から" + s.status(f)
}

// status is 応答なし; what is wrong with a name is said in full.
func (s japanese) status(f facts) string {
	switch first := f.Evidence[0]; {
	case first.Reason == uptime.ForbiddenAddress:
		return "対象外のアドレス" // the full words are too long for a subject
	case first.Status() == uptime.ERR:
		return s.brief(first.Reason)
	}
	return f.Evidence[0].Status().Words("ja")
}

func (s japanese) anomaly(f facts) string {
	var first string
	switch {
	case f.Again:
		first = fmt.Sprintf("%sは、監視の再開後もつながりません。%sから続いています。", s.what(f), s.on(f.Since))
	case f.NeverUp:
		first = fmt.Sprintf("%sは、登録後まだ一度も応答がありません。%sからチェックしています。", s.what(f), s.on(f.Since))
	case f.Service == uptime.Ping:
		first = fmt.Sprintf("%sが、%sからPINGに応答しません。", s.hostWords(f), s.on(f.Since))
	default:
		first = fmt.Sprintf("%sに、%sからつながりません。", s.what(f), s.on(f.Since))
	}
	second := fmt.Sprintf("%s。%d回続いたためお知らせします。%s", s.evidence(f), f.Streak, s.alone(f))
	return s.join(first, second, s.next(f)) + s.checks(f) + "\n監視項目のページ: " + f.link + "\n"
}

func (s japanese) next(f facts) string {
	switch {
	case f.next.IsZero():
		return ""
	case f.stop.IsZero():
		return fmt.Sprintf("次のチェックは%sです。", s.near(f.next, f.At))
	}
	return fmt.Sprintf("次のチェックは%sです。このまま続くと、%sごろに監視を自動停止します。", s.near(f.next, f.At), s.near(f.stop, f.At))
}

func (s japanese) recoverySubject(f facts) string {
	back := f.Evidence[0].At
	if !f.GapFrom.IsZero() {
		return s.near(back, f.At) + "から応答あり"
	}
	return fmt.Sprintf("%sに回復(%s)", s.near(back, f.At), newStretch(back.Sub(f.Since)).ja())
}

func (s japanese) recovery(f facts) string {
	back := f.Evidence[0].At
	second := fmt.Sprintf("つながらなかったのは%sから%sまで、%sです。", s.near(f.Since, f.At), s.near(back, f.Since), newStretch(back.Sub(f.Since)).ja())
	if !f.GapFrom.IsZero() {
		second = fmt.Sprintf("%sから異常。%sから%sまでは監視が止まっていたため、いつ直ったかは分かりません。",
			s.near(f.Since, f.At), s.near(f.GapFrom, f.At), s.near(f.GapTo, f.At))
	}
	return s.join(
		fmt.Sprintf("%sは、%sから応答しています。", s.what(f), s.on(back)), second,
		fmt.Sprintf("%s。%d回続けて成功しました。監視は続いています。%s", s.evidence(f), len(f.Evidence), s.alone(f)),
	) + "\n監視項目のページ: " + f.link + "\n"
}

func (s japanese) stopped(f facts) string {
	return s.join(
		fmt.Sprintf("%sの監視を、%sに自動停止しました。", s.what(f), s.on(f.At)),
		fmt.Sprintf("%sから%d回続けてつながらなかったためです。いまは見ていないので、直ってもお知らせできません。", s.near(f.Evidence[0].At, f.At), f.Streak),
		fmt.Sprintf("はじめの%d回は、%s。%s", len(f.Evidence), s.evidence(f), s.alone(f)),
		"直ったら「監視の再開」を押してください。数秒でチェックを始めます: "+f.link,
	) + s.checks(f)
}

func (japanese) join(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		if l != "" {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

func (s japanese) checks(all ...facts) string {
	items := checkFirst(all, checkJapanese)
	if len(items) == 0 {
		return ""
	}
	return "\nまずご確認ください\n・" + strings.Join(items, "\n・") + "\n"
}

func (s japanese) short(f facts) string {
	switch f.Kind {
	case uptime.Recovery:
		if !f.GapFrom.IsZero() {
			return s.near(f.Evidence[0].At, f.At) + "から応答あり。いつ直ったかは不明。"
		}
		return fmt.Sprintf("%s回復、%s。", s.near(f.Evidence[0].At, f.At), newStretch(f.Evidence[0].At.Sub(f.Since)).ja())
	case uptime.StoppedAlert:
		return fmt.Sprintf("%d回失敗、%s停止。直ったら再開を。", f.Streak, s.at(f.At))
	default:
		return s.shortAnomaly(f)
	}
}

func (s japanese) shortAnomaly(f facts) string {
	text := fmt.Sprintf("%sから%s%s。", s.near(f.Since, f.At), s.status(f), s.shortLines(f))
	switch {
	case f.next.IsZero():
		return text
	case f.stop.IsZero():
		return text + fmt.Sprintf("次%s。", s.at(f.next))
	}
	return text + fmt.Sprintf("次%s、%sごろ自動停止。", s.at(f.next), s.at(f.stop))
}

// shortLines is (A・B), or (Aのみ).
func (s japanese) shortLines(f facts) string {
	if len(f.lines) == 0 {
		return ""
	}
	names := make([]string, len(f.lines))
	for i, l := range f.lines {
		names[i] = strings.TrimPrefix(s.line(l), "回線")
	}
	only := ""
	if len(f.out) > 0 {
		only = "のみ"
	}
	return "(" + strings.Join(names, "・") + only + ")"
}
