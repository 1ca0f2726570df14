package embedded

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

// keptLines is how much of the log a failed start is explained with.
const keptLines = 20

// logLines passes PostgreSQL's log lines on at a level that fits, and keeps the
// last ones.
type logLines struct {
	to      *slog.Logger
	serving atomic.Bool // the server has answered
	quiet   atomic.Bool // it is being stopped: cut connections are no news

	mu   sync.Mutex
	part []byte // a line that has not ended yet
	last []string
}

// Write takes what the server writes to its standard error.
func (l *logLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		i := bytes.IndexByte(l.part, '\n')
		if i < 0 {
			return len(b), nil
		}
		l.line(string(l.part[:i]))
		l.part = l.part[i+1:]
	}
}

func (l *logLines) line(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if len(l.last) == keptLines {
		l.last = l.last[1:]
	}
	l.last = append(l.last, text)
	l.to.Log(context.Background(), l.level(text), text)
}

// level translates PostgreSQL's words. ERROR is one statement's failure, told
// by whoever ran it; FATAL is one connection's end.
func (l *logLines) level(text string) slog.Level {
	word, _, _ := strings.Cut(text, ":")
	switch word {
	case "PANIC":
		return slog.LevelError
	case "WARNING":
		return slog.LevelWarn
	case "FATAL":
		if l.serving.Load() && !l.quiet.Load() {
			return slog.LevelWarn
		}
	}
	return slog.LevelDebug
}

// tail is the last of the log.
func (l *logLines) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, " | ")
}

// forget drops the kept lines, before another start.
func (l *logLines) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = nil
}
