package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Results gives at most q.Limit results of one monitor with their addresses,
// oldest first.
func (db *DB) Results(ctx context.Context, accountID, monitorID int64, q uptime.ResultQuery) ([]uptime.Result, error) {
	key := monitorKey{accountID, monitorID}
	book, err := db.as(accountID).addresses(ctx, monitorID)
	if err != nil {
		return nil, err
	}
	span, err := db.boundSpan(ctx, key, q.Span)
	if err != nil {
		return nil, err
	}
	if q.After.At.After(span.From) {
		span.From = q.After.At
	}
	// A page is read by one statement: between two, results of the day that was
	// read first may come, and the next page would begin behind them. Mostly the
	// first day fills it; else all of the span is read.
	firstDay := span
	if end := dayOf(span.From).AddDate(0, 0, 1); end.Before(span.To) {
		firstDay.To = end
	}
	page, err := db.readPage(ctx, key, firstDay, resultPage{ResultQuery: q, monitor: monitorID, book: book})
	if err == nil && len(page) < q.Limit && firstDay != span {
		page, err = db.readPage(ctx, key, span, resultPage{ResultQuery: q, monitor: monitorID, book: book})
	}
	return page, err
}

func (db *DB) readPage(ctx context.Context, key monitorKey, span uptime.Span, page resultPage) ([]uptime.Result, error) {
	days, err := db.as(key.account).packedDays(ctx, key.monitor, span)
	if err != nil {
		return nil, err
	}
	if err := eachSample(days, span, page.add); err != nil && !errors.Is(err, errPageFull) {
		return nil, fault("read samples", err)
	}
	return page.results, nil
}

// errPageFull ends the reading of samples.
var errPageFull = errors.New("the page is full")

// resultPage collects results up to its limit.
type resultPage struct {
	uptime.ResultQuery
	monitor int64
	book    addressBook
	seen    int // results with exactly the time of the mark, so far
	results []uptime.Result
}

func (p *resultPage) add(s uptime.Sample) error {
	if s.At.Equal(p.After.At) {
		if p.seen++; p.seen <= p.After.Seen {
			return nil
		}
	}
	p.results = append(p.results, p.book.result(p.monitor, s))
	if len(p.results) == p.Limit {
		return errPageFull
	}
	return nil
}

const createdSQL = `select created_at from monitors where account_id = $1 and id = $2`

// boundSpan cuts what lies before the monitor's creation and after tomorrow, so
// that a span of years is not walked day by day. A zero To means until now.
func (db *DB) boundSpan(ctx context.Context, key monitorKey, span uptime.Span) (uptime.Span, error) {
	var created time.Time
	if err := db.as(key.account).get(ctx, "read monitor", &created, ask(createdSQL, key.account, key.monitor)); err != nil {
		return uptime.Span{}, err
	}
	first, last := created.AddDate(0, 0, -1), db.now().AddDate(0, 0, 1)
	if span.From.Before(first) {
		span.From = first
	}
	if span.To.IsZero() || span.To.After(last) {
		span.To = last
	}
	return span, nil
}
