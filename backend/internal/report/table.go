package report

import (
	"strconv"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// column is one of a table: its English name, and the Japanese header of a
// download for spreadsheets. zoned columns name the zone there.
type column struct {
	name, ja string
	zoned    bool
}

var resultColumns = []column{
	{"checked_at", "測定日時", true}, {"host", "ホスト", false}, {"label", "ラベル", false}, {"service", "監視項目", false},
	{"port", "ポート", false}, {"status", "監視ステータス", false}, {"reason", "理由コード", false}, {"reason_text", "理由", false},
	{"line", "回線", false}, {"rtt_ms", "応答時間(ミリ秒)", false}, {"address", "アドレス", false}, {"monitor_id", "監視項目ID", false},
}

var incidentColumns = []column{
	{"started_at", "開始", true}, {"confirmed_at", "異常検知", true}, {"ended_at", "回復", true}, {"observed_until", "確認できた最後", true},
	{"duration_min", "継続(分)", false}, {"cause", "原因", false}, {"lines", "回線", false}, {"mailed_at", "メール送信", true},
	{"host", "ホスト", false}, {"label", "ラベル", false}, {"service", "監視項目", false}, {"monitor_id", "監視項目ID", false},
}

var summaryColumns = []column{
	{"host", "ホスト", false}, {"label", "ラベル", false}, {"service", "監視項目", false}, {"port", "ポート", false},
	{"from", "期間の初め", true}, {"to", "期間の終わり", true}, {"up_s", "正常(秒)", false}, {"down_s", "異常(秒)", false},
	{"unknown_s", "測定不能(秒)", false}, {"not_watched_s", "監視していない(秒)", false}, {"uptime_pct", "稼働率(%)", false},
	{"coverage_pct", "測定できた割合(%)", false}, {"unconfirmed_failures", "確定しなかった失敗", false}, {"monitor_id", "監視項目ID", false},
}

// header gives the column names: English ones for scripts; for spreadsheets in
// the account's language, with the zone of times.
func (w words) header(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
		if w.excel {
			names[i] = w.language.Choose(c.ja, c.name)
			if c.zoned {
				names[i] += " (" + w.zone.String() + ")"
			}
		}
	}
	return names
}

// summaryHeader has three columns more for each line.
func (r *Reports) summaryColumns() []column {
	columns := append([]column(nil), summaryColumns...)
	for _, line := range r.cfg.Lines {
		name := r.cfg.LineName(line)
		columns = append(columns, column{name + "_avg_ms", name + " 平均(ミリ秒)", false},
			column{name + "_p50_ms", name + " 中央値(ミリ秒)", false}, column{name + "_p95_ms", name + " 95%点(ミリ秒)", false})
	}
	return columns
}

func (r *Reports) resultRow(w words, m uptime.Monitor, res uptime.Result) []string {
	return []string{
		w.time(res.At), m.Host, cell(m.Label), w.service(m), portText(m.Port), w.status(res.Status()), res.Reason.String(),
		res.Reason.Words(w.language, r.cfg.Timeout), r.cfg.LineName(res.Line), millis(res.RTT), addressText(res.Addr), strconv.FormatInt(m.ID, 10),
	}
}

// service and status are wire words for scripts, words for people.
func (w words) service(m uptime.Monitor) string {
	if w.excel {
		return m.Service.Label()
	}
	return m.Service.String()
}

func (w words) status(s uptime.Status) string {
	if w.excel {
		return s.Words(w.language)
	}
	return s.String()
}

func (r *Reports) incidentRow(w words, m uptime.Monitor, i uptime.Incident, now time.Time) []string {
	cause := i.Cause.String()
	if w.excel {
		cause = i.Cause.Words(w.language, r.cfg.Timeout)
	}
	return []string{
		w.time(i.StartedAt), w.time(i.ConfirmedAt), w.time(i.EndedAt), w.time(i.ObservedUntil), minutes(duration(i, now)), cause,
		r.lineNames(i.Lines), w.time(i.MailedAt), m.Host, cell(m.Label), w.service(m), strconv.FormatInt(m.ID, 10),
	}
}

func (r *Reports) lineNames(lines []uptime.LineID) (names string) {
	for i, line := range lines {
		if i > 0 {
			names += " "
		}
		names += r.cfg.LineName(line)
	}
	return names
}

func (r *Reports) summaryRow(w words, rep uptime.Report) []string {
	m, a := rep.Monitor, rep.Account
	row := []string{
		m.Host, cell(m.Label), w.service(m), portText(m.Port), w.time(rep.Period.From), w.time(rep.Period.To),
		seconds(a.Up), seconds(a.Down), seconds(a.Unknown), seconds(a.NotWatched),
		percent(a.Uptime()), percent(a.Coverage()), strconv.Itoa(a.UnconfirmedFailures), strconv.FormatInt(m.ID, 10),
	}
	for _, line := range r.cfg.Lines {
		rt := lineOf(rep, line)
		row = append(row, millis(rt.Avg), millis(rt.P50), millis(rt.P95))
	}
	return row
}

func lineOf(rep uptime.Report, line uptime.LineID) uptime.RoundTrip {
	for _, l := range rep.Lines {
		if l.Line == line {
			return l.RoundTrip
		}
	}
	return uptime.RoundTrip{}
}
