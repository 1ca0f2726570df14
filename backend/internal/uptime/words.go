package uptime

import (
	"fmt"
	"strings"
	"time"
)

// Language in which people are written to.
type Language string

// The languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
)

// ParseLanguage reads a stored locale; anything but ja is English.
func ParseLanguage(locale string) Language {
	if locale == string(Japanese) {
		return Japanese
	}
	return English
}

// Choose gives the text of the language.
func (l Language) Choose(ja, en string) string {
	if l == Japanese {
		return ja
	}
	return en
}

type words struct{ ja, en string }

func (w words) in(l Language) string { return l.Choose(w.ja, w.en) }

var statusWords = [...]words{
	OK:      {"応答あり", "answering"},
	NG:      {"接続できない", "cannot connect"},
	WR:      {"応答なし", "no answer"},
	ERR:     {"監視を始められない", "cannot start"},
	Unknown: {"測定不能(監視側の都合)", "not measured (our side)"},
}

// Words says the status to people.
func (s Status) Words(l Language) string {
	if int(s) >= len(statusWords) {
		return s.String()
	}
	return statusWords[s].in(l)
}

var reasonWords = [reasonEnd]words{
	Reply:             {"応答あり", "answered"},
	Connected:         {"接続できました", "connected"},
	Refused:           {"接続を拒否されました", "connection refused"},
	HostUnreachable:   {"サーバーに届きません", "host unreachable"},
	NetUnreachable:    {"ネットワークに届きません", "network unreachable"},
	PortUnreachable:   {"ポートに届きません", "port unreachable"},
	AdminProhibited:   {"途中の機器が通信を禁止しています", "blocked by a device on the way"},
	TTLExceeded:       {"経路が循環しているようです", "routing loop suspected"},
	ICMPOther:         {"想定外のICMP応答", "unexpected ICMP answer"},
	Timeout:           {"{n}秒待っても応答なし", "no answer in {n} s"},
	DNSNotFound:       {"ドメイン名が存在しません", "name does not exist"},
	DNSNoAddress:      {"IPアドレスの登録がありません", "name has no address"},
	DNSFailed:         {"権威DNSサーバーが答えません", "its name servers fail"},
	ForbiddenAddress:  {"監視できないアドレスを指しています", "points to an address that may not be watched"},
	LineDown:          {"監視側の回線障害", "our line is out"},
	NoRoute:           {"監視側に経路なし", "no route on our side"},
	SourceUnavailable: {"監視側の送信元アドレス不可", "our address is missing"},
	DNSUnavailable:    {"監視側のDNS障害", "our resolver fails"},
	Overload:          {"監視側の処理の遅れ", "we were late"},
	Internal:          {"監視側の内部エラー", "our error"},
}

// Words says the reason to people; timeout is how long was waited.
func (r Reason) Words(l Language, timeout time.Duration) string {
	if !r.Valid() {
		return r.String()
	}
	seconds := fmt.Sprintf("%g", timeout.Seconds())
	return strings.ReplaceAll(reasonWords[r].in(l), "{n}", seconds)
}

// Title is the service as people read it: "PING", "HTTP(80)".
func (s Service) Title(port uint16) string {
	if port == 0 {
		return s.Label()
	}
	return fmt.Sprintf("%s(%d)", s.Label(), port)
}
