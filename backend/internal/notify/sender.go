package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	parallel    = 8                // mails that are sent at the same time
	lookEvery   = time.Second      // for mails that are due
	firstBack   = 30 * time.Second // wait after the first failed attempt; doubles
	maxBack     = 24 * time.Minute // with chance half an hour
	maxAge      = 24 * time.Hour   // then a mail is given up
	sendWithin  = 2 * time.Minute  // one attempt; servers may be slow to say 250
	leaseFor    = sendWithin + time.Minute
	recordIn    = 5 * time.Second // one attempt to record what became of a mail
	stopWithin  = 5 * time.Second // for what is being sent at the end
	storedLimit = 200
)

// Config says how to mail.
type Config struct {
	Outbox    Outbox
	SMTPURL   string        // smtp://user:password@host:port or smtps://…; "": mails become files
	From      string        // sender's address, with or without a name
	PublicURL *url.URL      // as people reach us, in links
	MailDir   string        // where mails become files; made if missing
	Window    time.Duration // what a contact is owed within it is one mail; 0: each alert at once
	Lines     []uptime.Line // with their ids
	Policy    uptime.Policy
	Interval  func() time.Duration // effective; nil: the policy's
	StopAfter func() int           // failures that stop a monitor, now; nil: the policy's
	Now       func() time.Time
	Log       *slog.Logger

	// Unsubscribe gives the token that stops the mails to a contact.
	Unsubscribe func(accountID, contactID int64) string
}

// Sender forms and sends mails until it is stopped.
type Sender struct {
	cfg    Config
	writer *writer
	carry  carrier
	files  *files // nil if mails are sent

	wake  chan struct{}
	slots chan struct{}

	startOnce, stopOnce sync.Once
	cancel              context.CancelFunc // ends looking
	breakOff            func()             // ends sending
	ended               chan struct{}      // closed by breakOff
	looking, sending    sync.WaitGroup

	mu       sync.Mutex
	accepted map[int64]time.Time // by a server, but not recorded yet
	failing  bool                // the outbox, at the last look
}

// New checks the configuration. Errors never show the URL's password.
func New(cfg Config) (*Sender, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Interval == nil {
		cfg.Interval = func() time.Duration { return cfg.Policy.Interval }
	}
	if cfg.Unsubscribe == nil {
		return nil, errors.New("mail: nothing makes links that stop mails")
	}
	if cfg.PublicURL == nil {
		return nil, errors.New("mail: the public address is not set")
	}
	w, err := newWriter(cfg)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		cfg: cfg, writer: w, wake: make(chan struct{}, 1), slots: make(chan struct{}, parallel), accepted: map[int64]time.Time{},
	}
	s.ended = make(chan struct{})
	s.breakOff = sync.OnceFunc(func() { close(s.ended) })
	if cfg.SMTPURL == "" {
		s.files, err = newFiles(cfg.MailDir)
		s.carry = s.files
	} else {
		s.carry, err = newSMTP(cfg.SMTPURL, w.host)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Start begins to look for mails that are due. It never blocks.
func (s *Sender) Start(ctx context.Context) {
	s.startOnce.Do(func() {
		ctx, s.cancel = context.WithCancel(ctx)
		s.looking.Go(func() { s.look(ctx) })
	})
}

// Stop ends looking, waits a few seconds for what is being sent, and breaks
// off the rest: it stays owed. It is safe twice.
func (s *Sender) Stop() {
	s.stopOnce.Do(func() {
		s.startOnce.Do(func() {}) // never after Stop
		if s.cancel != nil {
			s.cancel()
		}
		s.looking.Wait()
		grace := time.AfterFunc(stopWithin, s.breakOff)
		s.sending.Wait()
		grace.Stop()
		ctx, cancel := context.WithTimeout(context.Background(), recordIn)
		defer cancel()
		if err := s.settle(ctx); err != nil {
			s.cfg.Log.Error("sent mails could not be recorded and will come twice", "error", err)
		}
		s.breakOff()
		s.carry.close()
	})
}

// Wake tells that something is owed. It never blocks.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Sender) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		_, err := s.round(ctx, s.cfg.Now())
		s.note(ctx, err)
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// note logs when the outbox fails and when it is back, not every look.
func (s *Sender) note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	changed := s.failing != (err != nil)
	s.failing = err != nil
	s.mu.Unlock()
	switch {
	case changed && err != nil:
		s.cfg.Log.Error("mails that are owed cannot be read; they wait", "error", err)
	case changed:
		s.cfg.Log.Info("mails that are owed can be read again")
	}
}

// RunOnce forms and sends everything that is due at now, and returns when all
// of it was tried once.
func (s *Sender) RunOnce(ctx context.Context, now time.Time) error {
	for {
		n, err := s.round(ctx, now)
		s.sending.Wait()
		if err != nil {
			return err
		}
		if n == 0 {
			return s.settle(ctx)
		}
	}
}

// round forms mails and begins to send as many as there is room for.
func (s *Sender) round(ctx context.Context, now time.Time) (begun int, err error) {
	if err := s.settle(ctx); err != nil {
		return 0, err // a mail that was accepted might be claimed again
	}
	if _, err := s.cfg.Outbox.FormMails(ctx, now, s.cfg.Window); err != nil {
		return 0, fmt.Errorf("form mails: %w", err)
	}
	room := parallel - len(s.slots)
	if room == 0 {
		return 0, nil
	}
	mails, err := s.cfg.Outbox.ClaimMails(ctx, now, leaseFor, room)
	if err != nil {
		return 0, fmt.Errorf("claim mails: %w", err)
	}
	for _, m := range mails {
		s.slots <- struct{}{} // only this goroutine takes slots, so there is room
		s.sending.Go(func() {
			s.deliver(context.WithoutCancel(ctx), m)
			<-s.slots
			s.Wake()
		})
	}
	return len(mails), nil
}

// settle records what servers have accepted while the outbox was away.
func (s *Sender) settle(ctx context.Context) error {
	s.mu.Lock()
	waiting := make(map[int64]time.Time, len(s.accepted))
	for id, at := range s.accepted {
		waiting[id] = at
	}
	s.mu.Unlock()
	for id, at := range waiting {
		if err := s.record(ctx, id, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sender) record(ctx context.Context, id int64, at time.Time) error {
	if err := s.cfg.Outbox.MailSent(ctx, id, at); err != nil {
		return fmt.Errorf("record sent mail: %w", err)
	}
	s.mu.Lock()
	delete(s.accepted, id)
	s.mu.Unlock()
	return nil
}

// deliver tries to send one mail and records what became of it. What cannot be
// recorded is tried again when its lease is over, but for an accepted mail.
func (s *Sender) deliver(ctx context.Context, m uptime.Mail) {
	err := s.try(ctx, m)
	ctx, cancel := context.WithTimeout(ctx, recordIn)
	defer cancel()
	now := s.cfg.Now()
	var bounced bouncedError
	log := s.cfg.Log.With("mail", m.ID, "attempt", m.Attempt)
	switch {
	case err == nil:
		s.mu.Lock()
		s.accepted[m.ID] = now
		s.mu.Unlock()
		err = s.record(ctx, m.ID, now)
	case errors.As(err, &bounced):
		log.Error("mail given up: its address was refused", "error", err)
		err = s.cfg.Outbox.BounceMail(ctx, m.ID, m.Attempt, now, bounced.answer)
	case errors.Is(err, errRefused) || now.Sub(m.CreatedAt) >= maxAge:
		log.Error("mail given up", "error", err)
		err = s.cfg.Outbox.FailMail(ctx, m.ID, m.Attempt, now, err.Error())
	default:
		next := now.Add(backOff(m.Attempt, rand.Float64()))
		log.Warn("mail could not be sent; it is tried again", "at", next, "error", err)
		err = s.cfg.Outbox.RetryMail(ctx, m.ID, m.Attempt, next, err.Error())
	}
	if err != nil {
		log.Warn("what became of a mail could not be recorded yet", "error", err)
	}
}

// try makes and sends one mail. A panic is a failed attempt, not the end of
// the process.
func (s *Sender) try(ctx context.Context, m uptime.Mail) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while mailing: %v", p)
		}
	}()
	l, err := s.writer.write(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	go func() {
		select {
		case <-s.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.carry.carry(ctx, l)
}

// backOff is how long a mail waits after an attempt that failed: 30 s, doubled
// each time up to 24 min, and up to a quarter more by chance, so that mails
// that failed together do not come back together. chance is in [0, 1).
func backOff(attempt int, chance float64) time.Duration {
	wait := maxBack
	if doubled := attempt - 1; doubled < 8 {
		wait = min(firstBack<<max(doubled, 0), maxBack)
	}
	return wait + time.Duration(chance*float64(wait)/4)
}

// storedMemory is how long mails are kept as files.
const storedMemory = 30 * 24 * time.Hour

// ForgetStored deletes mails that became files more than 30 days ago.
func (s *Sender) ForgetStored(ctx context.Context) error {
	if s.files == nil {
		return nil
	}
	return s.files.forget(ctx, s.cfg.Now().Add(-storedMemory))
}

// StoredMails gives at most limit mails that were stored as files, newest
// first, with an id below before ("": from the newest). There are none when
// mails are sent.
func (s *Sender) StoredMails(ctx context.Context, before string, limit int) ([]uptime.StoredMail, error) {
	if s.files == nil {
		return nil, nil
	}
	return s.files.read(ctx, before, min(limit, storedLimit+1))
}
