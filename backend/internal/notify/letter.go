package notify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// errRefused says that a server will never take the mail.
var errRefused = errors.New("refused")

// letter is a mail ready to be carried. The same uptime.Mail makes the same
// Message-ID, headers and date, whenever it is made.
type letter struct {
	id         int64
	from       netmail.Address
	to         string // as it was registered: dots may stand anywhere before the @
	date       time.Time
	messageID  string
	references []string // one an incident
	events     []string // values of X-Hinomi-Event
	oneClick   string   // https address whose POST stops these mails (RFC 8058); "" if there is none
	subject    string
	body       string // lines end in \n
	base64     bool   // shorter than quoted-printable for Japanese
}

const (
	// maxEvents bounds the X-Hinomi-Event lines of one mail: Postfix refuses
	// more than 100 kB of header (header_size_limit).
	maxEvents = 700

	maxReferences = 100
)

// message makes what goes over the wire.
func (l letter) message() (*mail.Msg, error) {
	encoding := mail.EncodingQP
	if l.base64 {
		encoding = mail.EncodingB64
	}
	msg := mail.NewMsg(mail.WithEncoding(encoding), mail.WithNoDefaultUserAgent())
	to, err := recipient(l.to)
	if err != nil {
		return nil, err
	}
	msg.FromMailAddress(&l.from)
	msg.ToMailAddress(to)
	msg.SetDateWithValue(l.date)
	msg.SetMessageIDWithValue(l.messageID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if len(l.references) > 0 {
		msg.SetGenHeader("References", "<"+strings.Join(l.references, "> <")+">")
	}
	if l.oneClick != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+l.oneClick+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	// Preformatted, because go-mail folds a long subject before its first word and
	// cannot repeat a field. encodeSubject and eventField let no line in.
	fields := encodeSubject(l.subject)
	for _, e := range l.events {
		fields += "\r\nX-Hinomi-Event: " + e
	}
	msg.SetGenHeaderPreformatted(mail.HeaderSubject, fields)
	msg.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(l.body, "\n", "\r\n"))
	return msg, nil
}

// maxWord is how many bytes of a subject fit into one encoded word on the
// field's first line: 76 characters (RFC 2047 §2).
const maxWord = 39

// encodeSubject folds a subject that is not plain ASCII into encoded words,
// none of which cuts a character in two.
func encodeSubject(subject string) string {
	subject = strings.ToValidUTF8(subject, "?")
	plain := !strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r > '~' })
	if plain && !strings.Contains(subject, "=?") {
		return subject
	}
	var words []string
	for start, rest := 0, subject; rest != ""; rest = subject[start:] {
		end := 0
		for i, r := range rest {
			if i+utf8.RuneLen(r) > maxWord {
				break
			}
			end = i + utf8.RuneLen(r)
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(rest[:end]))+"?=")
		start += end
	}
	return strings.Join(words, "\r\n ")
}

func (l letter) writeTo(w io.Writer) error {
	msg, err := l.message()
	if err != nil {
		return err
	}
	_, err = msg.WriteTo(w)
	return err
}

// recipient reads an address as it was registered. net/mail quotes what RFC
// 5322 wants quoted: "abc..def"@docomo.ne.jp.
func recipient(address string) (*netmail.Address, error) {
	at := strings.LastIndexByte(address, '@')
	control := strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if at < 1 || at == len(address)-1 || control || strings.ContainsAny(address, `<>"`) {
		return nil, fmt.Errorf("%w: %q is not an address", errRefused, address)
	}
	return &netmail.Address{Address: address}, nil
}

// eventField is what scripts read: anomaly; host=…; service=…; at=….
func eventField(a uptime.Alert) string {
	return fmt.Sprintf("%s; host=%s; service=%s; at=%s", a.Kind, plainHost(a.Host), a.Service, a.At.UTC().Format(time.RFC3339Nano))
}

// plainHost keeps what a host in ASCII can consist of.
func plainHost(host string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(".:-_", r):
			return r
		}
		return -1
	}, host)
}

// oneLine makes what people wrote fit for one line: no control or format
// characters, single spaces.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r == 0x2028, r == 0x2029:
			return ' '
		case r == 0x200b, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0xfffd:
			return -1 // invisible, or turns the direction of writing
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}
