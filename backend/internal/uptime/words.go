package uptime

import (
	"strconv"
	"strings"
	"time"
)

// The locales in which people are addressed; anything else is read as English.
const (
	localeJA = iota
	localeEN
	locales
)

func localeOf(s string) int {
	if s == "ja" {
		return localeJA
	}
	return localeEN
}

var statusWordNames = [...][locales]string{
	Unknown: {"測定不能(監視側の都合)", "not measured (our side)"},
	OK:      {"応答あり", "answering"},
	NG:      {"接続できない", "cannot connect"},
	WR:      {"応答なし", "no answer"},
	ERR:     {"監視を始められない", "cannot start"},
}

// {n} stands for the probe timeout in seconds.
var reasonWordNames = [reasonEnd][locales]string{
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
	NoRoute:           {"監視側の経路なし", "no route on our side"},
	SourceUnavailable: {"監視側の送信元アドレス不可", "our address is missing"},
	DNSUnavailable:    {"監視側のDNS障害", "our resolver fails"},
	Overload:          {"監視側の処理の遅れ", "we were late"},
	Internal:          {"監視側の内部エラー", "our error"},
}

// Words says the status to people, in the locale ja or en.
func (s Status) Words(locale string) string {
	if int(s) >= len(statusWordNames) {
		s = Unknown
	}
	return statusWordNames[s][localeOf(locale)]
}

// Words says the reason to people, in the locale ja or en. The timeout is that
// of a probe.
func (r Reason) Words(locale string, timeout time.Duration) string {
	if !r.Valid() {
		return Unknown.Words(locale)
	}
	return strings.ReplaceAll(reasonWordNames[r][localeOf(locale)], "{n}", secondsText(timeout))
}

// secondsText is 5 or 1.5.
func secondsText(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}
