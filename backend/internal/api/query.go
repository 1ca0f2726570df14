package api

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Bounds of a page of a list.
const (
	standardLimit = 50
	maxLimit      = 200
)

// maxText bounds a filter's text, in characters.
const maxText = 200

// query reads the keys of a request's query and collects what is wrong.
type query struct {
	values url.Values
	faults []FieldFault
}

// readQuery refuses keys that are not known and keys that stand twice.
func readQuery(c *gin.Context, known ...string) *query {
	q := &query{}
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	q.values = values
	if err != nil {
		q.fault("query", "malformed", "The query cannot be read.")
	}
	for key, all := range values {
		switch {
		case !slices.Contains(known, key):
			q.fault(key, "unknown_field", "There is no such query key here.")
		case len(all) > 1:
			q.fault(key, "repeated", "The key must stand once.")
		case !utf8.ValidString(all[0]) || utf8.RuneCountInString(all[0]) > maxText || strings.ContainsRune(all[0], 0):
			q.fault(key, "malformed", "The value cannot be read.")
		}
	}
	slices.SortFunc(q.faults, func(a, b FieldFault) int { return strings.Compare(a.Field, b.Field) })
	return q
}

func (q *query) fault(field, code, message string) {
	q.faults = append(q.faults, FieldFault{Field: field, Code: code, Message: message})
}

// err tells all faults at once.
func (q *query) err() error {
	if len(q.faults) == 0 {
		return nil
	}
	return invalid(q.faults...)
}

func (q *query) text(key string) string { return q.values.Get(key) }

func (q *query) limit() int {
	text := q.text("limit")
	if text == "" {
		return standardLimit
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		q.fault("limit", "out_of_range", fmt.Sprintf("The limit must be 1 to %d.", maxLimit))
		return standardLimit
	}
	return n
}

// time reads an RFC 3339 time; zero if the key is not there.
func (q *query) time(key string) time.Time {
	text := q.text(key)
	if text == "" {
		return time.Time{}
	}
	t, err := parseTime(text)
	if err != nil {
		q.fault(key, "malformed", "The time must be RFC 3339, such as 2026-11-22T03:05:00Z.")
		return time.Time{}
	}
	return t
}

// earliest and latest bound times, so that arithmetic and the database can
// take them.
const (
	earliest = 1970
	latest   = 9999
)

func parseTime(text string) (time.Time, error) {
	// A "+" of an offset that was not escaped arrives as a space.
	t, err := time.Parse(time.RFC3339Nano, strings.Replace(text, " ", "+", 1))
	if err != nil {
		return time.Time{}, fmt.Errorf("parse time: %w", err)
	}
	if t = t.UTC(); t.Year() < earliest || t.Year() > latest {
		return time.Time{}, fmt.Errorf("year %d", t.Year())
	}
	return t, nil
}

// span reads from and to; what is not there is taken from standard.
func (q *query) span(standard uptime.Span) uptime.Span {
	span := uptime.Span{From: q.time("from"), To: q.time("to")}
	if span.From.IsZero() {
		span.From = standard.From
	}
	if span.To.IsZero() {
		span.To = standard.To
	}
	if !span.From.IsZero() && !span.To.IsZero() && span.To.Before(span.From) {
		q.fault("to", "out_of_range", "to must not be before from.")
	}
	return span
}

func (q *query) id(key string) int64 {
	text := q.text(key)
	if text == "" {
		return 0
	}
	id, ok := parseID(text)
	if !ok {
		q.fault(key, "malformed", "This is not an id.")
	}
	return id
}

// flag reads 1 or true, 0 or false.
func (q *query) flag(key string) (value, set bool) {
	switch text := q.text(key); text {
	case "":
		return false, false
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	default:
		q.fault(key, "malformed", "The value must be 1 or 0.")
		return false, false
	}
}

// word reads one of an enumeration's words by its parser.
func word[T any](q *query, key string, parse func(string) (T, error)) (value T) {
	text := q.text(key)
	if text == "" {
		return value
	}
	value, err := parse(text)
	if err != nil {
		q.fault(key, "not_one_of", "The value is not one of the known words.")
	}
	return value
}

// cursor reads the numbers that makeCursor wrote; nil if there is none.
func (q *query) cursor(numbers int) []int64 {
	text := q.text("cursor")
	if text == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), ",")
	if err != nil || len(parts) != numbers {
		q.fault("cursor", "malformed", "This is not a cursor of this list.")
		return nil
	}
	values := make([]int64, numbers)
	for i, p := range parts {
		if values[i], err = strconv.ParseInt(p, 10, 64); err != nil {
			q.fault("cursor", "malformed", "This is not a cursor of this list.")
			return nil
		}
	}
	return values
}

func makeCursor(numbers ...int64) *string {
	parts := make([]string, len(numbers))
	for i, n := range numbers {
		parts[i] = strconv.FormatInt(n, 10)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, ",")))
	return &text
}

// page reads limit and cursor of a list by id; one row more than is shown is
// asked for, so that the end is known.
func (q *query) page() uptime.Page {
	p := uptime.Page{Limit: q.limit() + 1}
	if after := q.cursor(1); after != nil {
		p.After = after[0]
	}
	return p
}

// cut takes the row that only tells that there are more off a page.
func cut[T any](rows []T, limit int) (shown []T, more bool) {
	if len(rows) < limit {
		return rows, false
	}
	return rows[:limit-1], true
}

// parseID reads a path's id; what is not one exists nowhere.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}

func pathID(c *gin.Context) (int64, error) {
	id, ok := parseID(c.Param("id"))
	if !ok {
		return 0, notFound()
	}
	return id, nil
}
