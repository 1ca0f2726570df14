package notify

import (
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// letStop lets the reader of what is mailed to a contact stop it: by one click
// of the mail program (RFC 8058, https only) and by a link to a page. The short
// form has no line to spare.
func (w *writer) letStop(l *letter, m uptime.Mail) {
	if m.ContactID == 0 || m.Kind == uptime.ContactMail {
		return
	}
	token := w.unsubscribe(m.AccountID, m.ContactID)
	if strings.HasPrefix(w.base, "https://") {
		l.oneClick = w.link("/api/v1/unsubscribe/" + token)
	}
	if m.ShortForm {
		return
	}
	words := "Stop mails to this address: "
	if m.Locale == "ja" {
		words = "このアドレスへのお知らせを止める: "
	}
	l.body += "\n" + words + w.link("/unsubscribe#token="+token) + "\n"
}
