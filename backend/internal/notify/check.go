package notify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// maxChecks bounds what a person is asked to look at first.
const maxChecks = 3

// checkFirst gathers what to look at first for the reasons of failing alerts,
// each once.
func checkFirst(all []facts, items func(f facts, r uptime.Reason) []string) []string {
	var out []string
	for _, f := range together(all) {
		if f.Kind == uptime.Recovery {
			continue
		}
		for _, e := range f.Evidence {
			for _, item := range items(f, e.Reason) {
				if len(out) < maxChecks && !slices.Contains(out, item) {
					out = append(out, item)
				}
			}
		}
	}
	return out
}

// anyService is the service of alerts that are about several.
const anyService uptime.Service = 0

// together takes the service away from alerts that are about several, so that
// the first of them does not decide what to look at.
func together(all []facts) []facts {
	if len(all) == 0 || !slices.ContainsFunc(all, func(f facts) bool { return f.Service != all[0].Service || f.Port != all[0].Port }) {
		return all
	}
	out := slices.Clone(all)
	for i := range out {
		out[i].Service, out[i].Port = anyService, 0
	}
	return out
}

func checkJapanese(f facts, r uptime.Reason) []string {
	from := "監視側のアドレスからの通信"
	if len(f.ours) > 0 {
		from = strings.Join(f.ours, "・") + " からの通信"
	}
	tcp := "DNSはTCP 53番で確認します。UDPのほかにTCPも開いているか"
	switch r {
	case uptime.Timeout:
		power := "サーバーは動いているか、ネットワークにつながっているか"
		switch f.Service {
		case uptime.Ping:
			return []string{power, "ファイアウォールがPING(ICMP)を通すか。許可するのは" + from}
		case uptime.DNS:
			return []string{power, "ファイアウォールが53番を通すか。許可するのは" + from, tcp}
		case anyService:
			return []string{power, "ファイアウォールが通すか。許可するのは" + from}
		default:
		}
		return []string{power, "ファイアウォールが" + strconv.Itoa(int(f.Port)) + "番を通すか。許可するのは" + from}
	case uptime.Refused, uptime.PortUnreachable:
		if f.Service == uptime.DNS {
			return []string{"DNSサーバーのプログラムは動いているか", tcp}
		}
		program := f.Service.Label() + "のプログラムは動いているか"
		if f.Service == anyService || f.Service == uptime.Ping || f.Service == uptime.TCP {
			program = "サーバーのプログラムは動いているか"
		}
		return []string{program, "ファイアウォールが拒否していないか。許可するのは" + from}
	case uptime.HostUnreachable, uptime.NetUnreachable:
		return []string{"サーバーと手前の機器の電源は入っているか、つながっているか", "IPアドレスや経路の設定を変えていないか", "回線事業者から障害の知らせが出ていないか"}
	case uptime.AdminProhibited:
		return []string{"ルーターやファイアウォールで禁止していないか。許可するのは" + from}
	case uptime.TTLExceeded:
		return []string{"ルーターの経路の設定を変えていないか", "回線事業者から障害の知らせが出ていないか"}
	case uptime.ICMPOther:
		return []string{"サーバーの手前の機器の設定を変えていないか"}
	case uptime.DNSNotFound:
		return []string{"ドメイン名のつづりは正しいか", "ドメインの期限が切れていないか、登録したばかりではないか"}
	case uptime.DNSNoAddress:
		return []string{"AまたはAAAAレコードが登録されているか", "登録したばかりなら、広まるまで待つ"}
	case uptime.DNSFailed:
		return []string{"そのドメインの権威DNSサーバーは動いているか", "委任(NS)とDNSSECの設定は正しいか"}
	case uptime.ForbiddenAddress:
		return []string{"名前が公開のIPアドレスだけを指しているか"}
	default: // ours, or an answer: nothing to look at
		return nil
	}
}

func checkEnglish(f facts, r uptime.Reason) []string {
	from := "our addresses"
	if len(f.ours) > 0 {
		last := len(f.ours) - 1
		from = f.ours[last]
		if last > 0 {
			from = strings.Join(f.ours[:last], ", ") + " and " + from
		}
	}
	tcp := "We use TCP 53 for DNS: is TCP open too, not only UDP?"
	switch r {
	case uptime.Timeout:
		power := "Is the server running and connected?"
		switch f.Service {
		case uptime.Ping:
			return []string{power, "Does the firewall let " + from + " in for ping (ICMP)?"}
		case uptime.DNS:
			return []string{power, "Does the firewall let " + from + " in on port 53?", tcp}
		case anyService:
			return []string{power, "Does the firewall let " + from + " in?"}
		default:
		}
		return []string{power, "Does the firewall let " + from + " in on port " + strconv.Itoa(int(f.Port)) + "?"}
	case uptime.Refused, uptime.PortUnreachable:
		if f.Service == uptime.DNS {
			return []string{"Is the DNS server program running?", tcp}
		}
		program := "Is the " + f.Service.Label() + " program running?"
		if f.Service == anyService || f.Service == uptime.Ping || f.Service == uptime.TCP {
			program = "Is the server program running?"
		}
		return []string{program, "Does the firewall reject " + from + "?"}
	case uptime.HostUnreachable, uptime.NetUnreachable:
		return []string{"Are the server and the devices before it powered and connected?", "Did an address or a route change?", "Does the carrier report an outage?"}
	case uptime.AdminProhibited:
		return []string{"Does a router or firewall forbid " + from + "?"}
	case uptime.TTLExceeded:
		return []string{"Did a route change on your routers?", "Does the carrier report an outage?"}
	case uptime.ICMPOther:
		return []string{"Did a device before the server change its settings?"}
	case uptime.DNSNotFound:
		return []string{"Is the name typed right?", "Has the domain expired, or was it just registered?"}
	case uptime.DNSNoAddress:
		return []string{"Does the name have an A or AAAA record?", "Was it added just now? Then wait until it has spread."}
	case uptime.DNSFailed:
		return []string{"Are the name servers of the domain running?", "Are its delegation (NS) and DNSSEC right?"}
	case uptime.ForbiddenAddress:
		return []string{"Does the name point to public addresses only?"}
	default: // ours, or an answer: nothing to look at
		return nil
	}
}
