package notify

import (
	"fmt"
	"strings"
)

func (s english) country(n notice) text {
	what := "a country not watched here"
	where := "which is in a country that is not watched here (country code " + n.country + ")"
	if n.country == "" {
		what = "an unknown country"
		where = "and it is not known in which country that is"
	}
	subject := fit(n.name, func(name string) string { return "STOPPED: " + name + " points to " + what })
	return text{subject, s.join(
		fmt.Sprintf("Watching of %s stopped at %s.", s.hostWords(n.facts), s.full(n.stopped)),
		fmt.Sprintf("The name has come to point to %s, %s.", n.addr, where),
		"Nobody is looking now, so we cannot tell you when something fails.",
	) + "\nNo longer watched\n- " + strings.Join(each(n.monitors, s.service), "\n- ") + "\n\n" + s.join(
		"If that address is a mistake, mend it and press Resume: "+n.link,
		"If it is right, ask whoever runs this service to allow the host, then press Resume.",
	)}
}

func (s english) shortCountry(n notice) string {
	what := "a country not watched here (" + n.country + ")"
	if n.country == "" {
		what = "an unknown country"
	}
	return fmt.Sprintf("Points to %s, stopped %s. Mend it, or ask the operator.", what, s.at(n.stopped))
}

func (s japanese) country(n notice) text {
	what := "対象外の国"
	where := "このサービスで監視できる国の外(国コード" + n.country + ")にある"
	if n.country == "" {
		what = "国の分からないアドレス"
		where = "どの国にあるか分からない"
	}
	subject := fit(n.name, func(name string) string { return "【監視停止】" + name + " " + what + "を指しています" })
	return text{subject, s.join(
		fmt.Sprintf("%sの監視を、%sに停止しました。", s.hostWords(n.facts), s.on(n.stopped)),
		fmt.Sprintf("名前の指すアドレスが%sに変わり、%sためです。", n.addr, where),
		"いまは見ていないので、異常があってもお知らせできません。",
	) + "\n停止した監視項目\n・" + strings.Join(each(n.monitors, s.service), "\n・") + "\n\n" + s.join(
		"アドレスが誤りのときは、直してから「監視の再開」を押してください: "+n.link,
		"正しいときは、このサービスの運営者に許可を求め、そのあとで再開してください。",
	)}
}

func (s japanese) shortCountry(n notice) string {
	what := "対象外の国(" + n.country + ")"
	if n.country == "" {
		what = "国の分からないアドレス"
	}
	return fmt.Sprintf("%sを指すため%s停止。直すか、運営者に許可を。", what, s.at(n.stopped))
}

func each(all []facts, f func(facts) string) []string {
	words := make([]string, len(all))
	for i := range all {
		words[i] = f(all[i])
	}
	return words
}
