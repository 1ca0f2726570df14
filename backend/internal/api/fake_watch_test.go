package api

import (
	"context"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// watch adds a target with its monitors, as CreateTarget would.
func (f *fake) watch(accountID int64, host string, services ...uptime.Service) uptime.Target {
	t := uptime.Target{ID: int64(len(f.targets) + 1), AccountID: accountID, Host: host, CreatedAt: f.now}
	t.Proof = uptime.Proof{Challenge: uptime.NewChallenge(nil, host), State: uptime.ProofNone}
	for _, s := range services {
		m := uptime.Monitor{
			ID: int64(len(f.monitors) + 11), TargetID: t.ID, AccountID: accountID, Host: host, Service: s, Port: s.Port(),
			CreatedAt: f.now, Standing: uptime.NewStanding(f.now),
		}
		f.monitors = append(f.monitors, m)
	}
	f.targets = append(f.targets, t)
	return f.filled(t)
}

// filled gives a target its monitors as they are now.
func (f *fake) filled(t uptime.Target) uptime.Target {
	t.Monitors = nil
	for _, m := range f.monitors {
		if m.TargetID == t.ID {
			t.Monitors = append(t.Monitors, m)
		}
	}
	return t
}

func page[T any](rows []T, p uptime.Page, id func(T) int64) []T {
	var out []T
	for _, r := range rows {
		if id(r) > p.After && len(out) < p.Limit {
			out = append(out, r)
		}
	}
	return out
}

func (f *fake) Targets(_ context.Context, accountID int64, filter uptime.TargetFilter) ([]uptime.Target, error) {
	leave, err := f.enter()
	defer leave()
	var own []uptime.Target
	for _, t := range f.targets {
		if t.AccountID == accountID && (filter.Host == "" || t.Host == filter.Host) {
			own = append(own, f.filled(t))
		}
	}
	return page(own, filter.Page, func(t uptime.Target) int64 { return t.ID }), err
}

func (f *fake) targetIndex(accountID, id int64) (int, error) {
	i := slices.IndexFunc(f.targets, func(t uptime.Target) bool { return t.ID == id && t.AccountID == accountID })
	if f.err != nil || i < 0 {
		return 0, either(f.err, uptime.ErrNotFound)
	}
	return i, nil
}

func (f *fake) Target(_ context.Context, accountID, id int64) (uptime.Target, error) {
	leave, _ := f.enter()
	defer leave()
	i, err := f.targetIndex(accountID, id)
	if err != nil {
		return uptime.Target{}, err
	}
	return f.filled(f.targets[i]), nil
}

func (f *fake) CreateTarget(_ context.Context, n uptime.NewTarget) (uptime.Target, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return uptime.Target{}, err
	}
	for _, t := range f.targets {
		if t.AccountID == n.AccountID && t.Host == n.Host {
			return uptime.Target{}, uptime.ErrConflict
		}
	}
	f.written++
	t := f.watch(n.AccountID, n.Host, n.Services...)
	t.Label, t.Notes = n.Label, n.Notes
	f.targets[len(f.targets)-1] = t
	return t, nil
}

func (f *fake) UpdateTarget(_ context.Context, accountID, id int64, p uptime.TargetPatch) (uptime.Target, error) {
	leave, _ := f.enter()
	defer leave()
	i, err := f.targetIndex(accountID, id)
	if err != nil {
		return uptime.Target{}, err
	}
	if p.ContactIDs != nil {
		for _, contact := range *p.ContactIDs {
			if f.contact(accountID, contact) == nil {
				return uptime.Target{}, uptime.ErrConflict
			}
		}
		f.targets[i].ContactIDs = slices.Sorted(slices.Values(*p.ContactIDs))
	}
	f.written++
	patchWords(&f.targets[i].Label, &f.targets[i].Notes, p.WordsPatch)
	return f.filled(f.targets[i]), nil
}

func patchWords(label, notes *string, p uptime.WordsPatch) {
	if p.Label != nil {
		*label = *p.Label
	}
	if p.Notes != nil {
		*notes = *p.Notes
	}
}

func (f *fake) DeleteTarget(_ context.Context, accountID, id int64) error {
	leave, _ := f.enter()
	defer leave()
	i, err := f.targetIndex(accountID, id)
	if err != nil {
		return err
	}
	f.written++
	f.targets[i].AccountID = -1
	return nil
}

func (f *fake) ResumeTarget(_ context.Context, accountID, id int64) (uptime.Target, error) {
	leave, _ := f.enter()
	defer leave()
	i, err := f.targetIndex(accountID, id)
	if err != nil {
		return uptime.Target{}, err
	}
	f.written++
	for j := range f.monitors {
		if f.monitors[j].TargetID == id {
			f.monitors[j].Standing, _ = f.monitors[j].Standing.Resume(f.now)
		}
	}
	return f.filled(f.targets[i]), nil
}

func (f *fake) Monitors(_ context.Context, accountID int64, filter uptime.MonitorFilter) ([]uptime.Monitor, error) {
	leave, err := f.enter()
	defer leave()
	var own []uptime.Monitor
	for _, m := range f.monitors {
		if m.AccountID == accountID &&
			(filter.Host == "" || m.Host == filter.Host) && (filter.Service == 0 || m.Service == filter.Service) &&
			(filter.State == 0 || m.Standing.State == filter.State) && (filter.Verdict == 0 || m.Standing.Verdict == filter.Verdict) {
			own = append(own, m)
		}
	}
	return page(own, filter.Page, func(m uptime.Monitor) int64 { return m.ID }), err
}

func (f *fake) monitorIndex(accountID, id int64) (int, error) {
	i := slices.IndexFunc(f.monitors, func(m uptime.Monitor) bool { return m.ID == id && m.AccountID == accountID })
	if f.err != nil || i < 0 {
		return 0, either(f.err, uptime.ErrNotFound)
	}
	return i, nil
}

// change runs g on one of the account's monitors.
func (f *fake) change(accountID, id int64, g func(*uptime.Monitor)) (uptime.Monitor, error) {
	leave, _ := f.enter()
	defer leave()
	i, err := f.monitorIndex(accountID, id)
	if err != nil {
		return uptime.Monitor{}, err
	}
	g(&f.monitors[i])
	return f.monitors[i], nil
}

func (f *fake) Monitor(_ context.Context, accountID, id int64) (uptime.Monitor, error) {
	return f.change(accountID, id, func(*uptime.Monitor) {})
}

func (f *fake) CreateMonitor(_ context.Context, n uptime.NewMonitor) (uptime.Monitor, error) {
	leave, _ := f.enter()
	defer leave()
	i, err := f.targetIndex(n.AccountID, n.TargetID)
	if err != nil {
		return uptime.Monitor{}, err
	}
	t := f.filled(f.targets[i])
	if slices.ContainsFunc(t.Monitors, func(m uptime.Monitor) bool { return m.Service == n.Service && m.Port == n.Endpoint().Port }) {
		return uptime.Monitor{}, uptime.ErrConflict
	}
	f.written++
	m := uptime.Monitor{
		ID: int64(len(f.monitors) + 11), TargetID: t.ID, AccountID: n.AccountID, Host: t.Host, Service: n.Service,
		Port: n.Endpoint().Port, Label: n.Label, CreatedAt: f.now, Standing: uptime.NewStanding(f.now),
	}
	f.monitors = append(f.monitors, m)
	return m, nil
}

func (f *fake) UpdateMonitor(_ context.Context, accountID, id int64, p uptime.MonitorPatch) (uptime.Monitor, error) {
	return f.change(accountID, id, func(m *uptime.Monitor) {
		f.written++
		patchWords(&m.Label, &m.Notes, p.WordsPatch)
		if p.KeepWatching != nil {
			m.KeepWatching = *p.KeepWatching
		}
	})
}

func (f *fake) DeleteMonitor(_ context.Context, accountID, id int64) error {
	_, err := f.change(accountID, id, func(m *uptime.Monitor) {
		f.written++
		m.AccountID = -1
	})
	return err
}

func (f *fake) PauseMonitor(_ context.Context, accountID, id int64) (uptime.Monitor, error) {
	return f.change(accountID, id, func(m *uptime.Monitor) {
		f.written++
		m.Standing, _ = m.Standing.Pause(f.now)
	})
}

func (f *fake) ResumeMonitor(_ context.Context, accountID, id int64) (uptime.Monitor, error) {
	return f.change(accountID, id, func(m *uptime.Monitor) {
		f.written++
		m.Standing, _ = m.Standing.Resume(f.now)
	})
}

func (f *fake) ResumeMonitors(_ context.Context, accountID int64, ids []int64) (resumed int, _ error) {
	leave, _ := f.enter()
	defer leave()
	for _, id := range ids {
		if _, err := f.monitorIndex(accountID, id); err != nil {
			return 0, err
		}
	}
	return f.resumeWhere(func(m uptime.Monitor) bool { return slices.Contains(ids, m.ID) }), nil
}

func (f *fake) ResumeStopped(_ context.Context, accountID int64) (int, error) {
	leave, err := f.enter()
	defer leave()
	return f.resumeWhere(func(m uptime.Monitor) bool {
		return m.AccountID == accountID && m.Standing.State == uptime.Stopped
	}), err
}

func (f *fake) resumeWhere(pick func(uptime.Monitor) bool) (resumed int) {
	for i := range f.monitors {
		if pick(f.monitors[i]) {
			next, changed := f.monitors[i].Standing.Resume(f.now)
			if f.monitors[i].Standing = next; changed {
				resumed++
				f.written++
			}
		}
	}
	return resumed
}

func (f *fake) Summary(_ context.Context, accountID int64, _ int) (s uptime.Summary, _ error) {
	leave, err := f.enter()
	defer leave()
	for _, m := range f.monitors {
		if m.AccountID != accountID {
			continue
		}
		st := m.Standing
		switch {
		case st.State == uptime.Stopped:
			s.Counts.Stopped++
		case st.State == uptime.Paused:
			s.Counts.Paused++
		case st.Verdict == uptime.Down:
			s.Counts.Down++
		case st.Verdict == uptime.Up:
			s.Counts.Up++
		default:
			s.Counts.Pending++
		}
		if st.State == uptime.Stopped || st.State == uptime.Active && st.Verdict == uptime.Down {
			s.Problems = append(s.Problems, uptime.Problem{
				MonitorID: m.ID, TargetID: m.TargetID, Host: m.Host, Service: m.Service, Port: m.Port, State: st.State,
				Verdict: st.Verdict, Since: st.IncidentStart, Reason: st.Last.Reason, Lines: []uptime.LineID{1, 2},
			})
		}
	}
	for _, c := range f.contacts {
		if c.AccountID == accountID && !c.VerifiedAt.IsZero() {
			s.VerifiedContacts++
		}
	}
	return s, err
}

func (f *fake) Results(_ context.Context, accountID, monitorID int64, q uptime.ResultQuery) (out []uptime.Result, _ error) {
	leave, _ := f.enter()
	defer leave()
	if _, err := f.monitorIndex(accountID, monitorID); err != nil {
		return nil, err
	}
	skip := q.After.Seen
	for _, r := range f.results {
		switch {
		case r.MonitorID != monitorID || r.At.Before(q.From) || !r.At.Before(q.To) || r.At.Before(q.After.At):
		case r.At.Equal(q.After.At) && skip > 0:
			skip--
		case len(out) < q.Limit:
			out = append(out, r)
		}
	}
	return out, nil
}

func (f *fake) Incidents(_ context.Context, accountID int64, q uptime.IncidentFilter) (out []uptime.Incident, _ error) {
	leave, _ := f.enter()
	defer leave()
	if q.MonitorID != 0 {
		if _, err := f.monitorIndex(accountID, q.MonitorID); err != nil {
			return nil, err
		}
	}
	for _, i := range f.incidents {
		before := q.AfterID == 0 || i.StartedAt.Before(q.AfterStart) || i.StartedAt.Equal(q.AfterStart) && i.ID < q.AfterID
		if before && (q.Open == nil || *q.Open == i.EndedAt.IsZero()) && len(out) < q.Limit {
			out = append(out, i)
		}
	}
	return out, f.err
}

// at is a time of the fakes' day.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 22, hour, minute, 0, 0, time.UTC) }
