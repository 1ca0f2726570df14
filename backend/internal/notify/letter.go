package notify

import (
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"

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
	msg.Subject(l.subject)
	msg.SetDateWithValue(l.date)
	msg.SetMessageIDWithValue(l.messageID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if len(l.references) > 0 {
		msg.SetGenHeader("References", "<"+strings.Join(l.references, "> <")+">")
	}
	if len(l.events) > 0 {
		// One field an event; go-mail has no other way to repeat a field. The
		// values come from eventField alone, so no line can be smuggled in.
		const name = "X-Hinomi-Event"
		msg.SetGenHeaderPreformatted(name, strings.Join(l.events, "\r\n"+name+": "))
	}
	msg.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(l.body, "\n", "\r\n"))
	return msg, nil
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
