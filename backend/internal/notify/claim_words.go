package notify

import (
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// lossWords say why an account no longer has a host, or its proof.
type lossWords struct {
	subject string // behind the host's name
	short   string
	why     []string
	next    []string
}

// stillWatched tells whether the loss left monitors that go on: of a proof alone
// only those are stopped that needed it.
func (n notice) stillWatched() bool { return n.lost == uptime.LostProof }

func (english) loss(n notice) lossWords {
	switch n.lost {
	case uptime.LostToProof: // below
	case uptime.LostByRelease:
		return lossWords{
			"the operator released it", "Released by the operator, stopped %s.",
			[]string{"The operator of this service has taken the host back from your account."},
			[]string{"If it is yours, prove it and press Resume: " + n.link, "Otherwise ask whoever runs this service."},
		}
	case uptime.LostByDenial:
		return lossWords{
			"its owner does not want it", "Its DNS says nobody may watch it, stopped %s.",
			[]string{"The DNS of the host says that nobody may watch it (a TXT record \"deny\")."},
			[]string{"If that is a mistake, take the record away, look again, then press Resume: " + n.link},
		}
	case uptime.LostProof:
		return lossWords{
			"the proof is gone", "Proof of ownership missing for three days, lost %s. Publish it again.",
			[]string{"For three days we did not find what proves that the host is yours, neither in its DNS nor as a file."},
			[]string{"Publish it again, look again, then press Resume: " + n.link},
		}
	}
	return lossWords{
		"it was proven by somebody else", "Proven by somebody else, stopped %s. Prove it if it is yours.",
		[]string{"Somebody else has proven that the host, or an address of it, is theirs. Your account had not proven it."},
		[]string{"If it is yours, prove it and press Resume: " + n.link, "Otherwise delete it."},
	}
}

func (s english) claimLost(n notice) text {
	words := s.loss(n)
	subject, first := "STOPPED: ", fmt.Sprintf("Watching of %s stopped at %s.", s.hostWords(n.facts), s.full(n.at))
	last, title := "Nobody is looking now, so we cannot tell you when something fails.", "No longer watched"
	if n.stillWatched() {
		subject, first = "PROOF LOST: ", fmt.Sprintf("%s no longer counts as proven to be yours, since %s.", s.hostWords(n.facts), s.full(n.at))
		last, title = "Failures stop all its monitors again. Those that needed the proof are stopped: nobody is looking there.", "Monitors of this host"
	}
	return text{
		fit(n.name, func(name string) string { return subject + name + ", " + words.subject }),
		s.join(append(append([]string{first}, words.why...), last)...) +
			"\n" + title + "\n" + n.list("- ", func(m noticed) string { return s.service(m.facts) }) + s.others(n) + "\n" + s.join(words.next...),
	}
}

func (s english) shortClaimLost(n notice) string { return fmt.Sprintf(s.loss(n).short, s.at(n.at)) }

func (japanese) loss(n notice) lossWords {
	switch n.lost {
	case uptime.LostToProof: // below
	case uptime.LostByRelease:
		return lossWords{
			"運営者が解除しました", "運営者が解除、%s停止。",
			[]string{"このサービスの運営者が、このホストをアカウントから外しました。"},
			[]string{"ご自分のホストのときは、所有の確認をしてから「監視の再開」を押してください: " + n.link, "そうでないときは、運営者にお尋ねください。"},
		}
	case uptime.LostByDenial:
		return lossWords{
			"持ち主が監視を断っています", "DNSが監視を断っているため%s停止。",
			[]string{"このホストのDNSに、誰にも監視させないという設定(TXTレコード「deny」)があります。"},
			[]string{"誤りのときは、レコードを消して所有の確認をし、「監視の再開」を押してください: " + n.link},
		}
	case uptime.LostProof:
		return lossWords{
			"所有の確認が失われました", "所有の証しが3日間見つからず、%s取消。もう一度置いてください。",
			[]string{"ご自分のホストであることの証しが、DNSにもファイルにも、3日の間見つかりませんでした。"},
			[]string{"もう一度置いて所有の確認をし、「監視の再開」を押してください: " + n.link},
		}
	}
	return lossWords{
		"別の人が所有を証明しました", "別の人が所有を証明、%s停止。ご自分のものなら証明を。",
		[]string{"このホスト、またはそのアドレスが自分のものであると、別の人が証明しました。お使いのアカウントでは証明されていませんでした。"},
		[]string{"ご自分のホストのときは、所有の確認をしてから「監視の再開」を押してください: " + n.link, "そうでないときは、削除してください。"},
	}
}

func (s japanese) claimLost(n notice) text {
	words := s.loss(n)
	subject, first := "【監視停止】", fmt.Sprintf("%sの監視を、%sに停止しました。", s.hostWords(n.facts), s.on(n.at))
	last, title := "いまは見ていないので、異常があってもお知らせできません。", "停止した監視項目"
	if n.stillWatched() {
		subject, first = "【所有未確認】", fmt.Sprintf("%sは、%sから所有が確認されていない扱いになりました。", s.hostWords(n.facts), s.on(n.at))
		last, title = "異常が続けば、どの監視項目も自動で止まります。証明が要る監視項目は停止し、いまは見ていません。", "このホストの監視項目"
	}
	return text{
		fit(n.name, func(name string) string { return subject + name + " " + words.subject }),
		s.join(append(append([]string{first}, words.why...), last)...) +
			"\n" + title + "\n" + n.list("・", func(m noticed) string { return s.service(m.facts) }) + s.others(n) + "\n" + s.join(words.next...),
	}
}

func (s japanese) shortClaimLost(n notice) string { return fmt.Sprintf(s.loss(n).short, s.at(n.at)) }
