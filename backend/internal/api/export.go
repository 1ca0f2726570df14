package api

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Exports reads all that is kept of an account.
type Exports interface {
	// ExportTables names the tables, in their order.
	ExportTables() []string

	// ExportRows gives rows of one of them without secrets, from a place on.
	ExportRows(ctx context.Context, accountID int64, table, from string) (account.ExportPage, error)
}

// exportMe streams all that is kept of the account
//
//	@ID				exportMe
//	@Summary		Download all that is kept of the account
//	@Description	A ZIP archive: account.json has all tables, each also as CSV; results/ has the results of each monitor as CSV.
//	@Description	Secrets such as hashes of passwords and tokens are left out.
//	@Tags			me
//	@Security		bearer
//	@Produce		application/zip
//	@Success		200	{file}		binary
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		429	{object}	Problem	"too_many_requests: 6 an hour of an account"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/me/export [get]
func (s *Server) exportMe(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	if wait, ok := s.throttles.exports.Take(strconv.FormatInt(a.ID, 10), s.cfg.Now()); !ok {
		return tooMany(wait)
	}
	w := newLateWriter(c.Writer, func() {
		c.Header("Content-Type", "application/zip")
		c.Header("Cache-Control", "no-store")
		c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="hinomi_account_%s.zip"`, s.cfg.Now().In(a.Location()).Format("20060102")))
		c.Status(http.StatusOK)
	})
	defer w.rest()
	e := exporter{s: s, a: a, zip: zip.NewWriter(w)}
	err := e.write(c.Request.Context())
	if err == nil {
		return nil
	}
	if !w.started {
		return err
	}
	if !errors.Is(err, context.Canceled) {
		s.log.Error("export broke off", "account", a.ID, "error", err)
	}
	panic(http.ErrAbortHandler) // nobody takes a part for the whole
}

// exporter writes one archive, a page of rows at a time.
type exporter struct {
	s   *Server
	a   account.Account
	zip *zip.Writer
}

func (e exporter) write(ctx context.Context) error {
	if err := e.whole(ctx); err != nil {
		return err
	}
	for _, table := range e.s.deps.Exports.ExportTables() {
		if err := e.sheet(ctx, table); err != nil {
			return err
		}
	}
	if err := e.results(ctx); err != nil {
		return err
	}
	return e.zip.Close()
}

// create begins a file. Its time is that of the export.
func (e exporter) create(name string) (io.Writer, error) {
	return e.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.s.cfg.Now().UTC()})
}

// rows calls do for every row of a table.
func (e exporter) rows(ctx context.Context, table string, do func(row json.RawMessage) error) error {
	for from := ""; ; {
		page, err := e.s.deps.Exports.ExportRows(ctx, e.a.ID, table, from)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := do(row); err != nil {
				return err
			}
		}
		if from = page.Next; from == "" {
			return nil
		}
	}
}

// whole writes account.json: an object with a list of rows a table.
func (e exporter) whole(ctx context.Context) error {
	file, err := e.create("account.json")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(file, "{\n\"exported_at\": %q", e.s.cfg.Now().UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	for _, table := range e.s.deps.Exports.ExportTables() {
		if _, err := fmt.Fprintf(file, ",\n%q: [", table); err != nil {
			return err
		}
		before := "\n"
		err := e.rows(ctx, table, func(row json.RawMessage) error {
			_, err := fmt.Fprintf(file, "%s%s", before, row)
			before = ",\n"
			return err
		})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(file, "]"); err != nil {
			return err
		}
	}
	_, err = io.WriteString(file, "\n}\n")
	return err
}

// sheet writes a table as CSV with the columns in the order of their names; one
// without rows has no file.
func (e exporter) sheet(ctx context.Context, table string) error {
	var out *csv.Writer
	var columns []string
	err := e.rows(ctx, table, func(row json.RawMessage) error {
		var cells map[string]json.RawMessage
		if err := json.Unmarshal(row, &cells); err != nil {
			return fmt.Errorf("read a row of %s: %w", table, err)
		}
		if out == nil {
			file, err := e.create(table + ".csv")
			if err != nil {
				return err
			}
			out, columns = csv.NewWriter(file), slices.Sorted(maps.Keys(cells))
			out.UseCRLF = true
			if err := out.Write(columns); err != nil {
				return err
			}
		}
		return out.Write(each(columns, func(c string) string { return exportCell(cells[c]) }))
	})
	if err != nil || out == nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// exportCell is a value as a cell. A text that a spreadsheet would take for a
// formula is quoted (OWASP, CSV injection).
func exportCell(raw json.RawMessage) string {
	var text string
	if string(raw) == "null" {
		return ""
	}
	if json.Unmarshal(raw, &text) != nil {
		return string(raw) // a number, a list
	}
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}

// stem is 7_www.example.jp_http.
func stem(m uptime.Monitor) string { return fmt.Sprintf("%d_%s_%s", m.ID, fileSafe(m.Host), m.Service) }

// results writes what was measured of each monitor.
func (e exporter) results(ctx context.Context) error {
	now := e.s.cfg.Now()
	filter := uptime.MonitorFilter{Page: uptime.Page{Limit: 200}}
	for {
		monitors, err := e.s.deps.Monitors.Monitors(ctx, e.a.ID, filter)
		if err != nil {
			return err
		}
		for _, m := range monitors {
			file, err := e.create("results/" + stem(m) + ".csv")
			if err != nil {
				return err
			}
			err = e.s.deps.Reports.Download(ctx, file, uptime.Download{
				AccountID: e.a.ID, MonitorID: m.ID, Format: uptime.CSV, Part: uptime.ResultsPart, Locale: string(e.a.Locale), Zone: e.a.Zone,
				From: now.AddDate(0, 0, -e.s.cfg.RetentionDays-1), To: now,
			})
			if err != nil && !errors.Is(err, uptime.ErrNotFound) { // deleted meanwhile
				return err
			}
		}
		if len(monitors) < filter.Limit {
			return nil
		}
		filter.After = monitors[len(monitors)-1].ID
	}
}
