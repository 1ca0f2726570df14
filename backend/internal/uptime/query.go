package uptime

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// ErrTooMany says that a bound of the account is reached.
var ErrTooMany = errors.New("too many")

// Kinds of errors of HostPolicy.
var (
	ErrHostInvalid   = errors.New("not a host that can be watched")
	ErrHostForbidden = errors.New("points to an address that may not be watched")

	ErrCountryForbidden = errors.New("stands in a country that may not be watched")
	ErrCountryUnknown   = errors.New("stands in a country that is not known")
)

// Host is a checked host in both its forms.
type Host struct {
	ASCII   string // UTS 46 ToASCII, or an address literal in canonical form: as it is stored
	Unicode string // as people read it; the same as ASCII for ordinary names

	Addrs []netip.Addr // where it is, ascending; none if the name does not resolve
}

// Page is a stretch of a list in ascending order of ids.
type Page struct {
	After int64 // the last id of the page before; 0 for the first page
	Limit int   // rows at most, at least 1
}

// TargetFilter picks targets of an account.
type TargetFilter struct {
	Page
	Host string // exactly; "" is any
	Text string // part of host, label or notes, whatever the case; "" is any
}

// MonitorFilter picks monitors of an account. Zero values pick any.
type MonitorFilter struct {
	Page
	TargetID int64
	Host     string // exactly
	Service  Service
	State    State
	Verdict  Verdict
	Text     string // part of host, label or notes, whatever the case
}

// NewTarget is a target to be made with its monitors, all of them or nothing.
type NewTarget struct {
	AccountID int64
	Host      string // Host.ASCII
	Label     string
	Notes     string
	Services  []Service // each once, without TCP
	TCP       []uint16  // ports of TCP, each once; together with Services at least one

	Addrs []netip.Addr // Host.Addrs
}

// Endpoints are all that is to be watched, in the order in which people see
// them.
func (t NewTarget) Endpoints() []Endpoint {
	var all []Endpoint
	for _, s := range t.Services {
		all = append(all, Endpoint{s, s.Port()})
	}
	for _, p := range t.TCP {
		all = append(all, Endpoint{TCP, p})
	}
	slices.SortFunc(all, Endpoint.Compare)
	return all
}

// NewMonitor is one more service of an existing target.
type NewMonitor struct {
	AccountID int64
	TargetID  int64
	Service   Service
	Port      uint16 // of TCP; the others have their own
	Label     string
	Notes     string
}

// Endpoint is what is to be watched.
func (m NewMonitor) Endpoint() Endpoint {
	if m.Service == TCP {
		return Endpoint{TCP, m.Port}
	}
	return Endpoint{m.Service, m.Service.Port()}
}

// WordsPatch changes what people wrote; nil leaves it as it is.
type WordsPatch struct{ Label, Notes *string }

// TargetPatch changes a target; nil leaves it as it is.
type TargetPatch struct {
	WordsPatch
	ContactIDs *[]int64 // whom its alerts go to, each once; of none everybody
}

// MonitorPatch changes a monitor; nil leaves it as it is.
type MonitorPatch struct {
	WordsPatch
	KeepWatching *bool // whatever the failures
}

// Counts counts every monitor of an account once: stopped and paused ones by
// their state, the others by their verdict.
type Counts struct{ Up, Down, Pending, Stopped, Paused int }

// Total is the number of monitors.
func (c Counts) Total() int { return c.Up + c.Down + c.Pending + c.Stopped + c.Paused }

// Problem is a monitor that is active and down, or stopped.
type Problem struct {
	MonitorID int64
	TargetID  int64
	Host      string
	Label     string // the monitor's own, else its target's
	Service   Service
	Port      uint16
	State     State
	Verdict   Verdict
	Since     time.Time // first failure of the open incident
	Reason    Reason    // of the last result
	Lines     []LineID  // that confirmed the incident
}

// Summary is the one look at an account's monitors.
type Summary struct {
	Counts           Counts
	Problems         []Problem // active before stopped, then newest first (since, id descending)
	CheckedAt        time.Time // newest result of any monitor; zero before the first
	VerifiedContacts int
}

// ResultMark is where a page of results ended: Seen results with exactly the
// time At were already given. Zero for the first page.
type ResultMark struct {
	At   time.Time
	Seen int
}

// ResultQuery picks results of one monitor with From ≤ At < To, oldest first
// (those of one millisecond in the order in which they were recorded).
type ResultQuery struct {
	Span
	After ResultMark
	Limit int // at least 1
}

// IncidentFilter picks incidents of an account that overlap Span (a zero From
// or To is unbounded), newest first: started_at descending, id descending.
type IncidentFilter struct {
	Span
	MonitorID int64 // 0 is any
	Open      *bool // nil is any

	// The last incident of the page before; zero for the first page.
	AfterStart time.Time
	AfterID    int64
	Limit      int // at least 1
}

// reportDays is how many calendar days a report has, today among them.
const reportDays = 10

// ReportSpan is today, as far as it has come, and the nine calendar days
// before, in zone.
func ReportSpan(now time.Time, zone *time.Location) Span {
	y, m, d := now.In(zone).Date()
	noon := time.Date(y, m, d-reportDays+1, 12, 0, 0, 0, zone)
	from := time.Date(y, m, d-reportDays+1, 0, 0, 0, 0, zone)
	if from.Day() != noon.Day() { // a day without midnight begins when its clocks change
		_, from = from.ZoneBounds()
	}
	return Span{From: from, To: now}
}

// RoundTrip sums up the round trips of answered probes.
type RoundTrip struct {
	Count         int // of answers with a round trip
	Avg, P50, P95 time.Duration
}

// LineRoundTrip is the round trip over one line.
type LineRoundTrip struct {
	Line LineID
	RoundTrip
}

// Report is the account of one monitor for a period.
type Report struct {
	Monitor   Monitor
	Period    Span
	Interval  time.Duration // effective, with which the account was made up
	Account   Account
	Overall   RoundTrip
	Lines     []LineRoundTrip // ascending by id; only lines with results in the period
	Incidents []Incident      // that overlap the period, oldest first
}

// Format of a download.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	JSON Format = "json"
)

// Part of the report that is downloaded.
type Part string

// The parts.
const (
	ResultsPart   Part = "results"
	IncidentsPart Part = "incidents"
	SummaryPart   Part = "summary"
)

// Download is what an account wants to take home. It is kept as JSON while a
// single-use link waits for its browser.
type Download struct {
	AccountID int64     `json:"account_id"`
	MonitorID int64     `json:"monitor_id"` // 0: all monitors of the account
	Format    Format    `json:"format"`
	Excel     bool      `json:"excel"` // CSV only: byte order mark, headers and times for people
	Part      Part      `json:"part"`
	Locale    string    `json:"locale"` // ja or en: of headers with Excel, and of reason_text
	Zone      string    `json:"zone"`   // IANA name: offset of times, days of the summary
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`

	Describe func(Monitor) any `json:"-"` // JSON only: a monitor in the API's words
}

// Diagnosis is what "probe now" found over one line.
type Diagnosis struct {
	Line    LineID
	Finding Finding
	Addr    netip.Addr // that was asked; zero if there was none

	Sent, Received        int // echoes; 0 for TCP
	Min, Avg, Max, StdDev time.Duration
}

// Warnings about a line.
const (
	WarnBehindNAT  = "behind_nat"   // the internet sees another address than our own, and we were not told which
	WarnSameWayOut = "same_way_out" // leaves by the same device and gateway as another line
	WarnNoAddress  = "no_address"   // the machine does not have its source address
)

// LineStatus is a line as it is now.
type LineStatus struct {
	Line     Line
	Shown    []netip.Addr // what targets see: Line.Shown, else the current sources
	Device   string       // by which it leaves; "" if not known
	Gateways []netip.Addr
	Warnings []string // Warn…
}

// StoredMail is a mail that was written to a file because there is no SMTP
// server.
type StoredMail struct {
	ID      string // unique, grows with time; a file name without its extension
	Date    time.Time
	To      string
	Subject string
	Body    string // plain text
}
