package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	dialWithin = 15 * time.Second
	idleFor    = 20 * time.Second // servers close idle connections after minutes
)

// errServerURL is said without the URL, which may hold a password.
var errServerURL = errors.New("the mail server must be smtp://user:password@host:port or smtps://…, with ?tls=required or ?tls=off")

// server sends mails through one SMTP server. Connections are kept for a while
// for the next mail.
type server struct {
	client  *mail.Client
	secured *tls.Config

	mu     sync.Mutex
	idle   []connection // newest last
	closed bool
}

// connection is one SMTP session.
type connection struct {
	session *smtp.Client
	conn    *deadlined
	since   time.Time // when it became idle
}

// deadlined remembers the network connection beneath a session, to break it off.
type deadlined struct {
	mu   sync.Mutex
	conn net.Conn
}

func (d *deadlined) breakOff() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		_ = d.conn.Close()
	}
}

// dialKey carries *deadlined to the dial function.
type dialKey struct{}

// newSMTP reads the address of the mail server. host is our own name.
func newSMTP(address, host string) (*server, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return nil, errServerURL
	}
	secured := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	options, err := smtpOptions(u, secured)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err != nil && strings.Contains(host, ".") {
		options = append(options, mail.WithHELO(host))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", u.Host, err)
	}
	return &server{client: client, secured: secured}, nil
}

func smtpOptions(u *url.URL, secured *tls.Config) ([]mail.Option, error) {
	port := 25
	if u.Scheme == "smtps" {
		port = 465
	}
	if text := u.Port(); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return nil, errServerURL
		}
		port = int(n)
	}
	password, signsIn := "", u.User.Username() != ""
	if signsIn {
		password, _ = u.User.Password()
	}
	// All that we send is ASCII on the wire. To ask for SMTPUTF8 nevertheless
	// could make a later server refuse it (RFC 6531 §3.2).
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(sendWithin), mail.WithTLSConfig(secured), mail.WithoutSMTPUTF8()}
	implicit := u.Scheme == "smtps"
	switch mode := u.Query().Get("tls"); {
	case implicit && (mode == "" || mode == "required"):
		// The dialer does it. Not WithSSL: with a dialer of ours go-mail would take
		// the connection for a plain one and keep the password back.
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case mode == "required":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case mode == "off" && !implicit:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case mode == "":
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
		// Whoever could show a false certificate could as well hide STARTTLS, so
		// it is asked for only where a password is at stake (RFC 7435).
		secured.InsecureSkipVerify = !signsIn
	default:
		return nil, errServerURL
	}
	options = append(options, mail.WithDialContextFunc(dialer(implicit, secured)))
	if signsIn {
		options = append(options, mail.WithUsername(u.User.Username()), mail.WithPassword(password), signIn(u))
	}
	return options, nil
}

// signIn never shows a password on a connection that is not secured, unless
// the operator said tls=off.
func signIn(u *url.URL) mail.Option {
	if u.Query().Get("tls") != "off" {
		return mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover)
	}
	return mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5,
		mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc)
}

func dialer(implicit bool, secured *tls.Config) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		holder, _ := ctx.Value(dialKey{}).(*deadlined)
		ctx, cancel := context.WithTimeout(ctx, dialWithin)
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if holder != nil {
			holder.mu.Lock()
			holder.conn = conn
			holder.mu.Unlock()
		}
		if !implicit {
			return conn, nil
		}
		wrapped := tls.Client(conn, secured)
		if err := wrapped.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return wrapped, nil
	}
}

// carry sends the mail over a kept connection, or a new one.
func (s *server) carry(ctx context.Context, l letter) error {
	msg, err := l.message()
	if err != nil {
		return err
	}
	for {
		c, kept, err := s.connect(ctx)
		if err != nil {
			return fmt.Errorf("mail server: %w", err)
		}
		err = s.send(ctx, c, msg)
		if kept && goneBefore(err) {
			continue // it was closed while nobody used it
		}
		return err
	}
}

func (s *server) send(ctx context.Context, c connection, msg *mail.Msg) error {
	stop := context.AfterFunc(ctx, c.conn.breakOff)
	defer stop()
	err := s.client.SendWithSMTPClient(c.session, msg)
	if err == nil {
		s.keep(c)
		return nil
	}
	_ = c.session.Close()
	if msg.IsDelivered() {
		return nil // 250 came; what failed is the reset after it
	}
	return classify(ctx, err)
}

// goneBefore tells whether a kept connection was found dead before the mail
// was begun.
func goneBefore(err error) bool {
	var failed *mail.SendError
	return errors.As(err, &failed) && failed.Reason == mail.ErrConnCheck
}

// classify finds out whether the server's answer is its last word. Only the
// answers to MAIL, RCPT and DATA are: a refused sign-in or greeting is about us,
// not about the mail.
func classify(ctx context.Context, err error) error {
	var failed *mail.SendError
	if errors.As(err, &failed) {
		switch failed.Reason {
		case mail.ErrSMTPMailFrom, mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
			if code := failed.ErrorCode(); code >= 500 && code < 600 {
				return refusal(failed, err)
			}
		default:
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("broken off (%w): %w", cause, err)
	}
	return err
}

// connect gives a kept connection, or a new one.
func (s *server) connect(ctx context.Context) (c connection, kept bool, err error) {
	if c, ok := s.take(time.Now()); ok {
		return c, true, nil
	}
	holder := &deadlined{}
	stop := context.AfterFunc(ctx, holder.breakOff)
	defer stop()
	session, err := s.client.DialToSMTPClientWithContext(context.WithValue(ctx, dialKey{}, holder))
	if err != nil {
		holder.breakOff() // go-mail leaves it open when the greeting or STARTTLS fails
		return connection{}, false, err
	}
	return connection{session: session, conn: holder}, false, nil
}

// take gives the connection that was used last, and closes those that were
// idle for too long.
func (s *server) take(now time.Time) (connection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		if now.Sub(c.since) < idleFor {
			s.idle = s.idle[:len(s.idle)-1]
			return c, true
		}
		for _, old := range s.idle { // all are older
			old.conn.breakOff()
		}
		s.idle = nil
	}
	return connection{}, false
}

func (s *server) keep(c connection) {
	c.since = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.conn.breakOff()
		return
	}
	s.idle = append(s.idle, c)
}

// close says goodbye on idle connections.
func (s *server) close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		_ = c.session.UpdateDeadline(time.Second)
		_ = c.session.Quit()
		c.conn.breakOff()
	}
}
