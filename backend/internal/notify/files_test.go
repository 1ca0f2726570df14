package notify

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// storing is a sender without a server that has stored a mail a minute.
func storing(t *testing.T, n int) rig {
	t.Helper()
	r := newRig(t, "", func(c *Config) { c.MailDir = filepath.Join(c.MailDir, "deep", "mail") })
	for id := range n {
		m := example{alerts: []uptime.Alert{failed()}}.mail([]string{"ja", "en"}[id%2])
		m.ID, m.CreatedAt, m.To = int64(id+1), jst(3, id), "abc..def@docomo.ne.jp"
		r.box.owe(m, m.ID)
	}
	r.clock.add(time.Hour)
	r.run(t)
	return r
}

func TestWithoutAServerMailsBecomePrivateFiles(t *testing.T) {
	t.Parallel()
	r := storing(t, 3)
	names, err := filepath.Glob(filepath.Join(r.cfg.MailDir, "*"))
	if err != nil || len(names) != 3 {
		t.Fatalf("files %v, %v", names, err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != 0o600 || !strings.HasSuffix(name, ".eml") {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if info, err := os.Stat(r.cfg.MailDir); err != nil || info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
	if hidden, _ := filepath.Glob(filepath.Join(r.cfg.MailDir, ".*")); len(hidden) != 0 {
		t.Errorf("left over: %v", hidden)
	}
	for id := range int64(3) {
		if r.box.get(id + 1).sentAt.IsZero() {
			t.Errorf("mail %d is not recorded", id+1)
		}
	}
}

func TestAMailIsStoredOnceHoweverOftenItIsTried(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.box.owe(anomalyMail(1), 1)
	l, err := r.writer.write(anomalyMail(1))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.carry.carry(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	r.run(t)
	if mails, err := r.StoredMails(t.Context(), "", 10); err != nil || len(mails) != 1 {
		t.Errorf("%d mails, %v", len(mails), err)
	}
}

func TestStoredMailsAreReadNewestFirst(t *testing.T) {
	t.Parallel()
	r := storing(t, 12)
	var seen []uptime.StoredMail
	before := ""
	for {
		page, err := r.StoredMails(t.Context(), before, 5)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, page...)
		if len(page) < 5 {
			break
		}
		before = page[len(page)-1].ID
	}
	if len(seen) != 12 {
		t.Fatalf("%d mails", len(seen))
	}
	for i, m := range seen {
		w, err := r.writer.words(example{alerts: []uptime.Alert{failed()}}.mail([]string{"en", "ja"}[i%2]))
		if err != nil {
			t.Fatal(err)
		}
		if !m.Date.Equal(jst(3, 11-i)) || m.To != "abc..def@docomo.ne.jp" || m.Subject != w.subject || m.Body != w.body {
			t.Errorf("mail %d: %+v", i, m)
		}
	}
}

func TestForeignFilesBesideTheMailsDoNoHarm(t *testing.T) {
	t.Parallel()
	r := storing(t, 1)
	for name, content := range map[string]string{"notes.txt": "x", ".new-1": "half", "20990101T000000Z-000000000001.eml": "\x00no mail"} {
		if err := os.WriteFile(filepath.Join(r.cfg.MailDir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(r.cfg.MailDir, "dir.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	mails, err := r.StoredMails(t.Context(), "", 10)
	if err != nil || len(mails) != 2 || mails[0].Body != "This file is not a mail." || mails[1].Subject == "" {
		t.Errorf("%+v, %v", mails, err)
	}
}

func TestThereAreNoStoredMailsBesideAServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, "smtp://mx.test", nil)
	if mails, err := r.StoredMails(t.Context(), "", 10); err != nil || mails != nil {
		t.Errorf("%v, %v", mails, err)
	}
}

func TestAFullDiskIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	if err := os.RemoveAll(r.cfg.MailDir); err != nil {
		t.Fatal(err)
	}
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if m := r.box.get(1); len(m.retried) != 1 || !m.sentAt.IsZero() {
		t.Errorf("%+v", m)
	}
}

func TestStoredMailsAreDeletedAfterThirtyDays(t *testing.T) {
	t.Parallel()
	r := storing(t, 3) // at 3:00, 3:01 and 3:02
	for _, name := range []string{"notes.txt", "mine.eml", "20000101T000000Z-1.txt"} {
		if err := os.WriteFile(filepath.Join(r.cfg.MailDir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.clock.add(jst(3, 1).AddDate(0, 0, 30).Sub(r.clock.Now()))
	if err := r.ForgetStored(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(r.cfg.MailDir, "*-*.eml"))
	if err != nil || len(left) != 2 || !strings.HasSuffix(left[0], "-000000000002.eml") {
		t.Errorf("left: %v, %v", left, err)
	}
	if all, err := os.ReadDir(r.cfg.MailDir); err != nil || len(all) != 5 {
		t.Errorf("what is no mail is gone: %v, %v", all, err)
	}
	sending := newRig(t, "smtp://127.0.0.1:1", nil)
	if err := sending.ForgetStored(t.Context()); err != nil {
		t.Error(err)
	}
}
