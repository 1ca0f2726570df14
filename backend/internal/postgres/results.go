package postgres

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Results gives at most q.Limit results of one monitor with their addresses,
// oldest first. It reads day by day, so that a page costs what a page holds.
func (db *DB) Results(ctx context.Context, accountID, monitorID int64, q uptime.ResultQuery) ([]uptime.Result, error) {
	key := monitorKey{accountID, monitorID}
	book, err := readAddresses(ctx, db.x, key)
	if err != nil {
		return nil, fault("read addresses", err)
	}
	span, err := db.boundSpan(ctx, key, q.Span)
	if err != nil {
		return nil, err
	}
	page := resultPage{ResultQuery: q, monitor: monitorID, book: book}
	if q.After.At.After(span.From) {
		span.From = q.After.At
	}
	for span.From.Before(span.To) && len(page.results) < q.Limit {
		day := uptime.Span{From: span.From, To: dayOf(span.From).AddDate(0, 0, 1)}
		if day.To.After(span.To) {
			day.To = span.To
		}
		packed, err := packedDays(ctx, db.x, key, day)
		if err != nil {
			return nil, fault("read samples", err)
		}
		if err := eachSample(packed, day, page.add); err != nil {
			return nil, fault("read samples", err)
		}
		span.From = day.To
	}
	return page.results, nil
}

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
	if len(p.results) < p.Limit {
		p.results = append(p.results, p.book.result(p.monitor, s))
	}
	return nil
}

const createdSQL = `select created_at from monitors where account_id = $1 and id = $2`

// boundSpan cuts what lies before the monitor's creation and after tomorrow, so
// that a span of years is not walked day by day. A zero To means until now.
func (db *DB) boundSpan(ctx context.Context, key monitorKey, span uptime.Span) (uptime.Span, error) {
	var created time.Time
	if err := db.x.GetContext(ctx, &created, createdSQL, key.account, key.monitor); err != nil {
		return uptime.Span{}, fault("read monitor", err)
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
