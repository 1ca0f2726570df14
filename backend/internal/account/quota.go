package account

import "fmt"

// Quotas bound what an account may have; 0 is no bound.
type Quotas struct {
	Targets  int
	Monitors int
	Contacts int
}

// StandardQuotas are an ordinary account's where strangers may sign up.
func StandardQuotas() Quotas { return Quotas{Targets: 20, Monitors: 100, Contacts: 5} }

// MaxQuota bounds what an operator may set.
const MaxQuota = 1_000_000

// OwnQuotas are those that the operator set for one account; nil is the
// service's, 0 none.
type OwnQuotas struct {
	Targets  *int // 0 to MaxQuota
	Monitors *int
	Contacts *int
}

// Over gives the quotas that count: the account's own before the service's, of
// which operators are free. Contacts never exceed MaxContacts.
func (o OwnQuotas) Over(service Quotas, role Role) Quotas {
	if role == Operator {
		service = Quotas{}
	}
	q := Quotas{Targets: either(o.Targets, service.Targets), Monitors: either(o.Monitors, service.Monitors), Contacts: either(o.Contacts, service.Contacts)}
	if q.Contacts == 0 || q.Contacts > MaxContacts {
		q.Contacts = MaxContacts
	}
	return q
}

func either(own *int, service int) int {
	if own != nil {
		return *own
	}
	return service
}

// Used is what an account has.
type Used struct {
	Targets  int
	Monitors int
	Contacts int
}

// Allowance is what an account may have and has.
type Allowance struct {
	Quotas Quotas // that count
	Own    OwnQuotas
	Used   Used
}

// More is a *QuotaError if that many more would be too many, of the first kind
// that is.
func (a Allowance) More(more Used) error {
	for _, q := range []struct {
		name              string
		limit, used, more int
	}{
		{"targets", a.Quotas.Targets, a.Used.Targets, more.Targets},
		{"monitors", a.Quotas.Monitors, a.Used.Monitors, more.Monitors},
		{"contacts", a.Quotas.Contacts, a.Used.Contacts, more.Contacts},
	} {
		if q.limit != 0 && q.more > 0 && q.used+q.more > q.limit {
			return &QuotaError{Quota: q.name, Limit: q.limit}
		}
	}
	return nil
}

// QuotaError says that an account has as many as it may have.
type QuotaError struct {
	Quota string // targets, monitors, contacts
	Limit int
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("the account may have at most %d %s", e.Limit, e.Quota)
}
