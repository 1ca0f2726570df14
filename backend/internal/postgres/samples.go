package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// selectFramesSQL reads all samples of one monitor around the days [$3, $4).
// It must stay one statement in a transaction of the default isolation: its
// one snapshot shows a sample either in the buffer, or in a chunk, or in a day
// row, while the recorder and the nightly job move it. (An older snapshot, as
// of REPEATABLE READ, could miss a chunk table that was dropped since.)
// The first row is the buffer, whatever its day; no row, no such monitor.
//
// Ids and days stand as constants and lists, not joined or as ranges: only so
// are the primary keys walked down to one monitor's few rows.
const selectFramesSQL = `
select null::date as day, 0::bigint as seq, s.buffer as frame
from monitor_states s
where s.monitor_id = $2 and ` + ownedSQL + `
union all
select d.day, 0, d.frame
from sample_days d
where d.monitor_id = $2 and d.day = any($3::date[]) and d.day = any(array(select day from packed_days))
	and ` + ownedSQL + `
union all
select c.day, c.seq, c.frame
from sample_chunks c
where c.monitor_id = $2 and c.day = any($3::date[]) and c.day <> all(array(select day from packed_days))
	and ` + ownedSQL + `
order by 1 nulls first, 2`

const ownedSQL = `exists (select from monitors where account_id = $1 and id = $2)`

// packedDay is what is stored of one monitor and UTC day, still packed: five
// bytes a sample, where unpacked ones take forty.
type packedDay struct {
	day    time.Time // UTC midnight
	frames [][]byte  // in the order in which they were filled
	newest []uptime.Sample
}

// samples unpacks the day, ordered by time; those of one millisecond stay in
// the order in which they were recorded.
func (p packedDay) samples() ([]uptime.Sample, error) {
	var all []uptime.Sample
	for _, frame := range p.frames {
		samples, err := uptime.UnpackSamples(frame)
		if err != nil {
			return nil, fmt.Errorf("samples of %s: %w", p.day.Format(time.DateOnly), err)
		}
		all = append(all, samples...)
	}
	all = append(all, p.newest...)
	slices.SortStableFunc(all, func(a, b uptime.Sample) int { return a.At.Compare(b.At) })
	return all, nil
}

// packedDays reads the UTC days that the span touches, oldest first. Days
// without samples are left out.
func packedDays(ctx context.Context, q sqlx.QueryerContext, key monitorKey, span uptime.Span) ([]packedDay, error) {
	wanted := daysOf(span)
	var rows []struct {
		Day   sql.NullTime `db:"day"`
		Seq   int64        `db:"seq"`
		Frame []byte       `db:"frame"`
	}
	err := sqlx.SelectContext(ctx, q, &rows, selectFramesSQL, key.account, key.monitor, dateArray(wanted))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, sql.ErrNoRows
	}
	var days []packedDay
	for _, r := range rows[1:] {
		days = onDay(days, dayOf(r.Day.Time), func(p *packedDay) { p.frames = append(p.frames, r.Frame) })
	}
	newest, err := uptime.UnpackSamples(rows[0].Frame)
	if err != nil {
		return nil, fmt.Errorf("buffer of monitor %d: %w", key.monitor, err)
	}
	for _, s := range newest {
		if day := dayOf(s.At); slices.ContainsFunc(wanted, day.Equal) {
			days = onDay(days, day, func(p *packedDay) { p.newest = append(p.newest, s) })
		}
	}
	return days, nil
}

// daysOf lists the UTC days that a span touches.
func daysOf(span uptime.Span) []time.Time {
	var days []time.Time
	for day := dayOf(span.From); day.Before(span.To); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	return days
}

// onDay changes the entry of a day, which it makes if need be.
func onDay(days []packedDay, day time.Time, change func(*packedDay)) []packedDay {
	i, found := slices.BinarySearchFunc(days, day, func(p packedDay, t time.Time) int { return p.day.Compare(t) })
	if !found {
		days = slices.Insert(days, i, packedDay{day: day})
	}
	change(&days[i])
	return days
}

// monitorKey names a monitor and the account that must own it.
type monitorKey struct{ account, monitor int64 }

// eachSample gives the samples of [from, to) to visit, oldest first, with a
// day of them in memory at a time. An error of visit ends it.
func eachSample(days []packedDay, span uptime.Span, visit func(uptime.Sample) error) error {
	for _, day := range days {
		samples, err := day.samples()
		if err != nil {
			return err
		}
		for _, s := range samples {
			if s.At.Before(span.From) || !s.At.Before(span.To) {
				continue
			}
			if err := visit(s); err != nil {
				return err
			}
		}
	}
	return nil
}
