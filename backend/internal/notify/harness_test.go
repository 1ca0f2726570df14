package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// outbox is the store of mails in memory, with its promises.
type outbox struct {
	mu    sync.Mutex
	mails map[int64]*owed
	down  bool // every call fails
	deaf  bool // what became of a mail cannot be recorded
	sents int  // calls of MailSent that went through

	bounces []string // what servers said of addresses
}

type owed struct {
	uptime.Mail
	contact int64
	next    time.Time
	lease   time.Time
	formed  bool
	sentAt  time.Time
	failed  string
	retried []string
}

var errDown = errors.New("database is away")

func newOutbox(mails ...uptime.Mail) *outbox {
	o := &outbox{mails: map[int64]*owed{}}
	for _, m := range mails {
		o.owe(m, m.ID)
	}
	return o
}

// owe adds a mail of a contact; it is formed when no earlier one of the contact
// is unfinished.
func (o *outbox) owe(m uptime.Mail, contact int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails[m.ID] = &owed{Mail: m, contact: contact, next: m.CreatedAt}
}

func (o *outbox) set(down, deaf bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down, o.deaf = down, deaf
}

func (o *outbox) get(id int64) owed {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.mails[id]
}

func (o *outbox) sorted() []*owed {
	list := make([]*owed, 0, len(o.mails))
	for _, id := range slices.Sorted(maps.Keys(o.mails)) {
		list = append(list, o.mails[id])
	}
	return list
}

func (m *owed) open() bool { return m.formed && m.sentAt.IsZero() && m.failed == "" }

func (o *outbox) FormMails(_ context.Context, now time.Time, window time.Duration) (formed int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return 0, errDown
	}
	for _, m := range o.sorted() {
		busy := slices.ContainsFunc(o.sorted(), func(other *owed) bool { return other.contact == m.contact && other.open() })
		if !m.formed && !busy && !now.Before(m.CreatedAt.Add(window)) {
			m.formed = true
			formed++
		}
	}
	return formed, nil
}

func (o *outbox) ClaimMails(_ context.Context, now time.Time, lease time.Duration, limit int) (claimed []uptime.Mail, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return nil, errDown
	}
	for _, m := range o.sorted() {
		if len(claimed) < limit && m.open() && !m.next.After(now) && !m.lease.After(now) {
			m.lease = now.Add(lease)
			m.Attempt++
			claimed = append(claimed, m.Mail)
		}
	}
	return claimed, nil
}

func (o *outbox) MailSent(_ context.Context, id int64, at time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down || o.deaf {
		return errDown
	}
	o.sents++
	o.mails[id].sentAt = at
	return nil
}

func (o *outbox) RetryMail(_ context.Context, id int64, attempt int, next time.Time, cause string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down || o.deaf {
		return errDown
	}
	if m := o.mails[id]; m.Attempt == attempt {
		m.next, m.lease = next, time.Time{}
		m.retried = append(m.retried, cause)
	}
	return nil
}

func (o *outbox) FailMail(_ context.Context, id int64, attempt int, _ time.Time, cause string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := o.mails[id]; m.Attempt == attempt {
		m.failed = cause
	}
	return nil
}

func (o *outbox) BounceMail(ctx context.Context, id int64, attempt int, at time.Time, answer string) error {
	o.mu.Lock()
	o.bounces = append(o.bounces, answer)
	o.mu.Unlock()
	return o.FailMail(ctx, id, attempt, at, answer)
}

// received is what the server was given.
type received struct {
	from, to string
	content  string
	session  int // the how manieth connection
	user     string
	tls      bool
	utf8     bool // the client asked for SMTPUTF8
}

// mailServer is a real SMTP server whose answers a test chooses.
type mailServer struct {
	t      *testing.T
	addr   string
	server *smtp.Server

	mu       sync.Mutex
	sessions int
	conns    []net.Conn
	mails    []received

	answers  answers       // by mu
	hold     chan struct{} // DATA waits for it, after it has told holding
	holding  chan struct{}
	password string
	cert     *x509.Certificate // of an implicit TLS server
}

// answers are those of the server; nil accepts. If cut is true the connection
// is cut instead of answered.
type answers struct {
	mail, rcpt func(address string) error
	data       func(r received) (answer error, cut bool)
}

func (s *mailServer) answer(a answers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = a
}

func (s *mailServer) says() answers {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers
}

type option func(*mailServer)

func withTLS(cfg *tls.Config) option { return func(s *mailServer) { s.server.TLSConfig = cfg } }

func newMailServer(t *testing.T, options ...option) *mailServer {
	t.Helper()
	s := &mailServer{t: t}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		return &session{server: s, conn: c, number: s.sessions}, nil
	}))
	s.server.Domain = "mx.test"
	s.server.ErrorLog = quiet{}
	for _, o := range options {
		o(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	s.serve(l)
	return s
}

func (s *mailServer) serve(l net.Listener) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.server.Serve(remembering{l, s})
	}()
	s.t.Cleanup(func() {
		_ = s.server.Close()
		<-done
	})
}

// remembering keeps the connections that it accepts.
type remembering struct {
	net.Listener
	server *mailServer
}

func (l remembering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.server.mu.Lock()
		l.server.conns = append(l.server.conns, c)
		l.server.mu.Unlock()
	}
	return c, err
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// got gives what has arrived so far.
func (s *mailServer) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

type session struct {
	server *mailServer
	conn   *smtp.Conn
	number int
	from   string
	to     string
	user   string
	utf8   bool
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.server.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.from, s.utf8 = from, o.UTF8
	if answer := s.server.says().mail; answer != nil {
		return answer(from)
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if answer := s.server.says().rcpt; answer != nil {
		return answer(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secured := s.conn.TLSConnectionState()
	mail := received{from: s.from, to: s.to, content: string(content), session: s.number, user: s.user, tls: secured, utf8: s.utf8}
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, mail)
	s.server.mu.Unlock()
	if s.server.hold != nil {
		s.server.holding <- struct{}{}
		<-s.server.hold
	}
	data := s.server.says().data
	if data == nil {
		return nil
	}
	answer, cut := data(mail)
	if cut {
		_ = s.conn.Conn().Close()
	}
	return answer
}

// says is an answer of the server.
func says(code int) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "as the test says"}
}

// fakeTime is a clock that a test moves.
type fakeTime struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeTime) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeTime) add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

type rig struct {
	*Sender
	box   *outbox
	clock *fakeTime
}

// newRig is a sender with its own outbox, not started.
func newRig(t *testing.T, smtpURL string, change func(*Config)) rig {
	t.Helper()
	base, err := url.Parse("https://watch.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	r := rig{box: newOutbox(), clock: &fakeTime{now: jst(3, 11)}}
	cfg := Config{
		Outbox: r.box, SMTPURL: smtpURL, From: "Hinomi <watch@example.jp>", PublicURL: base, MailDir: t.TempDir(), Unsubscribe: stopToken,
		Policy: uptime.DefaultPolicy(), Lines: []uptime.Line{{ID: 1, Name: "a"}, {ID: 2, Name: "b"}}, Now: r.clock.Now,
	}
	if change != nil {
		change(&cfg)
	}
	r.Sender, err = New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

func (r rig) run(t *testing.T) {
	t.Helper()
	if err := r.RunOnce(t.Context(), r.clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// anomalyMail is a mail with one alert to you@example.jp.
func anomalyMail(id int64) uptime.Mail {
	m := example{alerts: []uptime.Alert{failed()}}.mail("en")
	m.ID = id
	return m
}

// certificate is for 127.0.0.1, signed by itself.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	cfg, cert := signed(t)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return cfg, pool
}

func signed(t *testing.T) (*tls.Config, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, cert
}

// cutAll closes all connections, as servers do with idle ones.
func (s *mailServer) cutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

// newImplicitServer speaks TLS from the first byte, as smtps:// wants it.
func newImplicitServer(t *testing.T, password string) *mailServer {
	t.Helper()
	cfg, cert := signed(t)
	s := newMailServer(t, func(s *mailServer) { s.password = password })
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.addr, s.cert = l.Addr().String(), cert
	s.serve(l)
	return s
}

// trust makes the sender trust certificates of pool and of other.
func trust(r rig, pool *x509.CertPool, other *mailServer) {
	pool = pool.Clone()
	if other != nil {
		pool.AddCert(other.cert)
	}
	r.carry.(*server).secured.RootCAs = pool
}

func testLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
