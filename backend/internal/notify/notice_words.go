package notify

import "fmt"

func (s english) country(n notice) text {
	what := "a country not watched here"
	where := "which is in a country that is not watched here (country code " + n.country + ")"
	if n.country == "" {
		what = "an unknown country"
		where = "and it is not known in which country that is"
	}
	subject := fit(n.name, func(name string) string { return "STOPPED: " + name + " points to " + what })
	return text{subject, s.join(
		fmt.Sprintf("Watching of %s stopped at %s.", s.hostWords(n.facts), s.full(n.at)),
		fmt.Sprintf("The name has come to point to %s, %s.", n.addr, where),
		"Nobody is looking now, so we cannot tell you when something fails.",
	) + "\nNo longer watched\n" + n.list("- ", func(m noticed) string { return s.service(m.facts) }) + s.others(n) + "\n" + s.join(
		"If that address is a mistake, mend it and press Resume: "+n.link,
		"If it is right, ask whoever runs this service to allow the host, then press Resume.",
	)}
}

func (s english) shortCountry(n notice) string {
	what := "a country not watched here (" + n.country + ")"
	if n.country == "" {
		what = "an unknown country"
	}
	return fmt.Sprintf("Points to %s, stopped %s. Mend it, or ask the operator.", what, s.at(n.at))
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
		fmt.Sprintf("%sの監視を、%sに停止しました。", s.hostWords(n.facts), s.on(n.at)),
		fmt.Sprintf("名前の指すアドレスが%sに変わり、%sためです。", n.addr, where),
		"いまは見ていないので、異常があってもお知らせできません。",
	) + "\n停止した監視項目\n" + n.list("・", func(m noticed) string { return s.service(m.facts) }) + s.others(n) + "\n" + s.join(
		"アドレスが誤りのときは、直してから「監視の再開」を押してください: "+n.link,
		"正しいときは、このサービスの運営者に許可を求め、そのあとで再開してください。",
	)}
}

func (s japanese) shortCountry(n notice) string {
	what := "対象外の国(" + n.country + ")"
	if n.country == "" {
		what = "国の分からないアドレス"
	}
	return fmt.Sprintf("%sを指すため%s停止。直すか、運営者に許可を。", what, s.at(n.at))
}

// others says how many more there are.
func (english) others(n notice) string {
	if n.more == 0 {
		return ""
	}
	return fmt.Sprintf("- and %d more: %s\n", n.more, n.overview)
}

func (japanese) others(n notice) string {
	if n.more == 0 {
		return ""
	}
	return fmt.Sprintf("・ほか%d件: %s\n", n.more, n.overview)
}

// since is Head office web (www.example.jp), HTTP port 80, stopped 22 Nov 03:20
// JST, with its link below.
func (s english) since(m noticed) string {
	return fmt.Sprintf("%s, stopped %s\n  %s", s.what(m.facts), s.full(m.stopped), m.link)
}

func (s japanese) since(m noticed) string {
	return fmt.Sprintf("%s %s %sから停止\n  %s", s.hostWords(m.facts), s.service(m.facts), s.on(m.stopped), m.link)
}

func (s english) reminder(n notice) text {
	subject := fmt.Sprintf("STILL STOPPED ×%d: nobody is looking", n.all())
	if n.all() == 1 {
		subject = fit(n.name, func(name string) string { return fmt.Sprintf("STILL STOPPED: %s %s is not watched", name, n.title()) })
	}
	next := "If it stays so, one more reminder comes seven days after the stop."
	if n.last {
		next = "This is the last reminder."
	}
	return text{subject, "Still stopped: nobody is looking, so we cannot tell you when it is back, nor when it fails again.\n\n" +
		n.list("- ", s.since) + s.others(n) + "\n" + s.join(
		"When it is fixed, press Resume. What need not be watched any more can be deleted.", next,
	)}
}

func (s english) shortReminder(n notice) string {
	return fmt.Sprintf("Still stopped since %s. Resume when fixed.", s.near(n.monitors[0].stopped, n.at))
}

func (s japanese) reminder(n notice) text {
	subject := fmt.Sprintf("【監視停止中%d件】いまは見ていません", n.all())
	if n.all() == 1 {
		subject = fit(n.name, func(name string) string {
			return fmt.Sprintf("【監視停止中】%s %s いまは見ていません", name, n.title())
		})
	}
	next := "止まったままなら、停止から7日後にもう一度だけお知らせします。"
	if n.last {
		next = "このお知らせは、これが最後です。"
	}
	return text{subject, "監視が止まったままです。いまは見ていないので、直っても、また異常があってもお知らせできません。\n\n" +
		n.list("・", s.since) + s.others(n) + "\n" + s.join(
		"直ったら「監視の再開」を押してください。もう見なくてよいものは、削除できます。", next,
	)}
}

func (s japanese) shortReminder(n notice) string {
	return fmt.Sprintf("%sから停止中。直ったら再開を。", s.near(n.monitors[0].stopped, n.at))
}

func (s english) again(n notice) text {
	subject := fmt.Sprintf("ANSWERING ×%d: resume watching?", n.all())
	if n.all() == 1 {
		subject = fit(n.name, func(name string) string { return fmt.Sprintf("ANSWERING: %s %s, resume watching?", name, n.title()) })
	}
	return text{subject, "Answered again at two looks in a row, an hour apart. Watching is still stopped.\n\n" +
		n.list("- ", s.since) + s.others(n) + "\n" +
		"Press Resume to watch again. We do not look any more until then.\n"}
}

func (s english) shortAgain(notice) string { return "Answers again, still not watched. Resume?" }

func (s japanese) again(n notice) text {
	subject := fmt.Sprintf("【応答あり%d件】監視を再開しますか", n.all())
	if n.all() == 1 {
		subject = fit(n.name, func(name string) string {
			return fmt.Sprintf("【応答あり】%s %s 監視を再開しますか", name, n.title())
		})
	}
	return text{subject, "1時間おきに2回続けて確かめたところ、応答がありました。監視はまだ止まっています。\n\n" +
		n.list("・", s.since) + s.others(n) + "\n" +
		"監視を始めるには「監視の再開」を押してください。それまでは、もう確かめません。\n"}
}

func (s japanese) shortAgain(notice) string {
	return "応答あり、監視は停止中。再開しますか。"
}
