package postgres

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Listener hears which monitors users changed.
type Listener struct {
	l       *pq.Listener
	changes chan uptime.Change
	done    chan struct{}
}

// Listen begins to listen on a connection of its own. What is missed while that
// is away comes as one change of everything (lib/pq delivers nil then).
func (db *DB) Listen(ctx context.Context, log *slog.Logger) (*Listener, error) {
	report := func(event pq.ListenerEventType, err error) {
		if event == pq.ListenerEventDisconnected || event == pq.ListenerEventConnectionAttemptFailed {
			log.Warn("not listening for changes; they are found by the next comparison", "error", err)
		}
	}
	l := &Listener{
		l:       pq.NewListener(db.url, 200*time.Millisecond, 5*time.Second, report),
		changes: make(chan uptime.Change, 64),
		done:    make(chan struct{}),
	}
	if err := l.l.Listen(WatchChannel); err != nil {
		_ = l.l.Close()
		return nil, fault("listen for changes", err)
	}
	go l.run(ctx)
	return l, nil
}

// Changes is where they come.
func (l *Listener) Changes() <-chan uptime.Change { return l.changes }

// Close ends listening and waits for it.
func (l *Listener) Close() {
	_ = l.l.Close()
	<-l.done
}

func (l *Listener) run(ctx context.Context) {
	defer close(l.done)
	for n := range l.l.Notify {
		change := uptime.Change{All: true}
		var a Announcement
		if n != nil && json.Unmarshal([]byte(n.Extra), &a) == nil && a.Kind == "monitors" {
			change = uptime.Change{MonitorIDs: a.IDs}
		}
		select {
		case l.changes <- change:
		case <-ctx.Done():
			return
		}
	}
}
