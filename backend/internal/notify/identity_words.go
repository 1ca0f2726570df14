package notify

import (
	"fmt"
	"net/url"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// identity is what mails about accounts and contacts are made of.
type identity struct {
	link   string // opens a page with one button: scanners of mail follow links
	code   string // the same for people who read the mail elsewhere: 123 456
	signIn string // link to the sign-in
	forgot string // link for a forgotten password
	email  string // the new sign-in address
}

// identityPage is the page that spends a mailed token; "" if there is none.
func (w *writer) identityPage(m uptime.Mail) string {
	token := url.QueryEscape(m.Token)
	switch m.Kind {
	case uptime.AccountMail:
		return w.link("/verify?token=" + token)
	case uptime.ContactMail:
		return w.link("/contacts/verify?token=" + token)
	case uptime.ResetMail:
		return w.link("/reset#token=" + token)
	case uptime.AddressMail:
		return w.link("/confirm-address#token=" + token)
	default:
		return ""
	}
}

// identity gives the words of mails about accounts and contacts; false for all
// other kinds.
func (w *writer) identity(m uptime.Mail) (text, bool) {
	code := account.CodeOf(m.Token)
	about := identity{
		link: w.identityPage(m), code: code[:3] + " " + code[3:],
		signIn: w.link("/sign-in"), forgot: w.link("/forgot"), email: oneLine(m.NewAddress),
	}
	if m.Locale == "ja" {
		return japaneseIdentity(m.Kind, about)
	}
	return englishIdentity(m.Kind, about)
}

func englishIdentity(kind uptime.MailKind, i identity) (text, bool) {
	switch kind {
	case uptime.AccountMail:
		return text{"Hinomi: confirm your address", fmt.Sprintf(`Thank you for signing up for Hinomi.
Open this link and press the button to confirm your address; after that you can sign in.

%s

Or enter this code where you signed up: %s

Link and code work once, within 24 hours.
If this was not you, ignore this mail: without it nothing happens.
`, i.link, i.code)}, true
	case uptime.ContactMail:
		return text{"Hinomi: confirm this emergency contact", fmt.Sprintf(`This address was entered as an emergency contact at Hinomi, which watches servers.
Open this link and press the button to get alerts here when something fails, recovers or is no longer watched.

%s

Or give this code to the person who entered the address: %s

Link and code work once, within 7 days.
If you do not want this, ignore this mail: without it no alert is sent here.
`, i.link, i.code)}, true
	case uptime.ResetMail:
		return text{"Hinomi: choose a new password", fmt.Sprintf(`Open this link to choose a new password for your Hinomi account.

%s

Or enter this code where you asked for this mail: %s

Link and code work once, within 30 minutes. You will be signed out everywhere.
If this was not you, ignore this mail: your password stays as it is. Tell nobody the code.
`, i.link, i.code)}, true
	default:
		return englishNotices(kind, i)
	}
}

func englishNotices(kind uptime.MailKind, i identity) (text, bool) {
	switch kind {
	case uptime.ExistsMail:
		return text{"Hinomi: you already have an account", fmt.Sprintf(`Somebody tried to use this address for an account at Hinomi, but it already has one.

Sign in: %s
If you have forgotten the password: %s

If this was not you, ignore this mail: nothing has changed.
`, i.signIn, i.forgot)}, true
	case uptime.AddressMail:
		return text{"Hinomi: confirm your new address", fmt.Sprintf(`Open this link and press the button to sign in to Hinomi with this address from now on.

%s

Or enter this code where you changed the address: %s

Link and code work once, within 24 hours. Until then the old address stays.
If this was not you, ignore this mail: without it nothing happens.
`, i.link, i.code)}, true
	case uptime.AddressOldMail:
		return text{"Hinomi: your sign-in address is about to change", fmt.Sprintf(`Your Hinomi account is to be signed in to with another address:

%s

This was asked for with your password. It happens as soon as it is confirmed there; until then this address stays.

If this was not you, choose a new password at once. That stops the change: %s
`, i.email, i.forgot)}, true
	default:
		return text{}, false
	}
}

func japaneseIdentity(kind uptime.MailKind, i identity) (text, bool) {
	switch kind {
	case uptime.AccountMail:
		return text{"【Hinomi】メールアドレスの確認", fmt.Sprintf(`Hinomiにご登録いただき、ありがとうございます。
次のリンクを開いてボタンを押すと確認が終わり、サインインできるようになります。

%s

または、登録した画面に確認コードを入力してください: %s

リンクとコードは24時間有効で、使えるのはどちらか1回だけです。
お心当たりがなければ、このメールは破棄してください。確認しないかぎり、登録は有効になりません。
`, i.link, i.code)}, true
	case uptime.ContactMail:
		return text{"【Hinomi】緊急連絡先の確認", fmt.Sprintf(`このメールアドレスが、サーバー監視サービスHinomiの緊急連絡先に登録されました。
次のリンクを開いてボタンを押すと、異常・復旧・監視停止のお知らせをこのアドレスに送ります。

%s

または、登録した方に確認コードを伝えてください: %s

リンクとコードは7日間有効で、使えるのはどちらか1回だけです。
お知らせが不要でしたら、このメールは破棄してください。確認しないかぎり、お知らせは届きません。
`, i.link, i.code)}, true
	case uptime.ResetMail:
		return text{"【Hinomi】パスワードの再設定", fmt.Sprintf(`次のリンクを開くと、Hinomiの新しいパスワードを決められます。

%s

または、再設定を申し込んだ画面に確認コードを入力してください: %s

リンクとコードは30分間有効で、使えるのはどちらか1回だけです。再設定すると、サインイン中の端末はすべてサインアウトされます。
お心当たりがなければ、このメールは破棄してください。パスワードは変わりません。コードは誰にも教えないでください。
`, i.link, i.code)}, true
	default:
		return japaneseNotices(kind, i)
	}
}

func japaneseNotices(kind uptime.MailKind, i identity) (text, bool) {
	switch kind {
	case uptime.ExistsMail:
		return text{"【Hinomi】すでにご登録があります", fmt.Sprintf(`このメールアドレスをHinomiのアカウントに使う申し込みがありましたが、すでに登録されています。

サインイン: %s
パスワードをお忘れのとき: %s

お心当たりがなければ、このメールは破棄してください。登録の内容は変わっていません。
`, i.signIn, i.forgot)}, true
	case uptime.AddressMail:
		return text{"【Hinomi】新しいメールアドレスの確認", fmt.Sprintf(`次のリンクを開いてボタンを押すと、これからはこのアドレスでHinomiにサインインできます。

%s

または、アドレスを変更した画面に確認コードを入力してください: %s

リンクとコードは24時間有効で、使えるのはどちらか1回だけです。確認するまでは、今までのアドレスのままです。
お心当たりがなければ、このメールは破棄してください。確認しないかぎり、何も変わりません。
`, i.link, i.code)}, true
	case uptime.AddressOldMail:
		return text{"【Hinomi】サインイン用アドレスの変更の申し込み", fmt.Sprintf(`Hinomiのサインイン用アドレスを、次のアドレスに変える申し込みがありました。

%s

パスワードを確かめたうえで受け付けています。新しいアドレスで確認が済むと変わり、それまでは今のアドレスのままです。

お心当たりがなければ、すぐに新しいパスワードを決めてください。変更は取り消されます: %s
`, i.email, i.forgot)}, true
	default:
		return text{}, false
	}
}
