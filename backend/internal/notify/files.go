package notify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// maxStored bounds what is read of one stored mail, in bytes.
const maxStored = 256 << 10

// files keeps mails as .eml files where no server takes them.
type files struct{ dir string }

func newFiles(dir string) (*files, error) {
	if dir == "" {
		return nil, errors.New("mail: neither a server nor a directory is set")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of stored mails: %w", err)
	}
	return &files{dir: dir}, nil
}

func (*files) close() {}

// carry writes the mail under a name that derives from it, so that a repeat
// makes no second file, and never shows half a mail. Newer mails sort later.
func (f *files) carry(_ context.Context, l letter) (err error) {
	name := fmt.Sprintf("%s-%012d", l.date.Format(nameDate), l.id)
	file, err := os.CreateTemp(f.dir, ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("store mail: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	err = errors.Join(l.writeTo(file), file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("store mail: %w", err)
	}
	if err = os.Rename(file.Name(), filepath.Join(f.dir, name+".eml")); err != nil {
		return fmt.Errorf("store mail: %w", err)
	}
	return nil
}

// nameDate is how names of files begin: the mail's date, UTC.
const nameDate = "20060102T150405Z"

// forget deletes mails that are older than before. What is no mail's stays.
func (f *files) forget(ctx context.Context, before time.Time) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("list stored mails: %w", err)
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		date, _, _ := strings.Cut(id, "-")
		at, err := time.Parse(nameDate, date)
		if !ok || err != nil || !e.Type().IsRegular() || !at.Before(before) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete stored mail: %w", err)
		}
	}
	return nil
}

// read gives stored mails, newest first.
func (f *files) read(ctx context.Context, before string, limit int) ([]uptime.StoredMail, error) {
	entries, err := os.ReadDir(f.dir) // sorted
	if err != nil {
		return nil, fmt.Errorf("list stored mails: %w", err)
	}
	var mails []uptime.StoredMail
	for _, e := range slices.Backward(entries) {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		if !ok || !e.Type().IsRegular() || (before != "" && id >= before) {
			continue
		}
		if len(mails) == limit || ctx.Err() != nil {
			break
		}
		m, err := readStored(filepath.Join(f.dir, e.Name()))
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted by the operator meanwhile
			continue
		case err != nil:
			m = uptime.StoredMail{Subject: e.Name(), Body: "This file is not a mail."}
		}
		m.ID = id
		mails = append(mails, m)
	}
	return mails, ctx.Err()
}

func readStored(path string) (uptime.StoredMail, error) {
	file, err := os.Open(path)
	if err != nil {
		return uptime.StoredMail{}, err
	}
	defer file.Close()
	msg, err := netmail.ReadMessage(io.LimitReader(file, maxStored))
	if err != nil {
		return uptime.StoredMail{}, fmt.Errorf("read stored mail: %w", err)
	}
	date, err := msg.Header.Date()
	if err != nil {
		return uptime.StoredMail{}, fmt.Errorf("read stored mail: %w", err)
	}
	m := uptime.StoredMail{Date: date.UTC(), To: plainAddress(msg.Header.Get("To")), Subject: msg.Header.Get("Subject")}
	if subject, err := new(mime.WordDecoder).DecodeHeader(m.Subject); err == nil {
		m.Subject = subject
	}
	body := msg.Body
	switch strings.ToLower(msg.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil && len(text) == 0 {
		return uptime.StoredMail{}, fmt.Errorf("read stored mail: %w", err)
	}
	m.Body = strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "")
	return m, nil
}

// plainAddress is the address as it was registered, without quotes.
func plainAddress(field string) string {
	if a, err := netmail.ParseAddress(field); err == nil {
		return a.Address
	}
	return field
}
