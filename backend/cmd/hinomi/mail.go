package main

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/notify"
)

// startMail prepares the sender; it begins when the watchman does, whose
// interval stands in mails, and ends after him.
func (s *service) startMail(ctx context.Context) (err error) {
	if err := s.work.ReleaseMails(ctx); err != nil {
		return err
	}
	secret, err := s.secret()
	if err != nil {
		return err
	}
	unsubscriber, err := account.NewUnsubscriber(secret)
	if err != nil {
		return err
	}
	s.sender, err = notify.New(notify.Config{
		Outbox: s.work, SMTPURL: s.cfg.SMTPURL, From: s.cfg.MailFrom, PublicURL: s.cfg.PublicURL, MailDir: s.mailDir(),
		Window: s.cfg.DigestWindow, Lines: s.cfg.Lines, Policy: s.cfg.Policy, Interval: func() time.Duration { return s.watch.EffectiveInterval() }, StopAfter: s.stopAfter, Now: s.now, Log: s.log,
		Unsubscribe: unsubscriber.Token,
	})
	if err != nil {
		return err
	}
	s.onClose(s.sender.Stop)
	return nil
}
