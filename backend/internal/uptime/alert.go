package uptime

import "time"

// MailKind says what a mail is about. The words are stored.
type MailKind string

// The kinds of mails.
const (
	AlertMail   MailKind = "alert"   // one or more alerts owed to a contact
	AccountMail MailKind = "account" // proves the address of an account, by Token
	ContactMail MailKind = "contact" // proves the address of a contact, by Token
	CountryMail MailKind = "country" // an address left the allowed countries: monitors were stopped

	ResetMail      MailKind = "reset"       // lets its reader choose another password, by Token
	ExistsMail     MailKind = "exists"      // somebody wanted to register the address of an account
	AddressMail    MailKind = "address"     // proves a new sign-in address, by Token
	AddressOldMail MailKind = "address_old" // tells the old one

	ClaimLostMail MailKind = "claim_lost" // a host or its proof was lost: monitors were stopped

	ReminderMail MailKind = "reminder" // monitors are still stopped
	TestMail     MailKind = "test"     // a test alarm for a contact
	AgainMail    MailKind = "again"    // stopped monitors answer again, and are not resumed by that
)

// Mail is a formed mail that a sender has claimed, with all that its words
// depend on. What it contains never changes.
type Mail struct {
	ID        int64
	Attempt   int // the first is 1
	Kind      MailKind
	AccountID int64
	ContactID int64 // 0 if it goes to the account's own address
	To        string
	Locale    string // ja or en
	Zone      string // IANA name, the account's
	ShortForm bool   // one line, for phones
	Token     string // of the kinds that prove something
	CreatedAt time.Time
	Notice    Notice // of CountryMail, ClaimLostMail, ReminderMail and AgainMail

	NewAddress string  // of AddressOldMail
	Alerts     []Alert // of AlertMail, in the order in which they were decided; empty if all was deleted meanwhile
}

// Alert is one event as its owner is told of it.
type Alert struct {
	Event
	ID         int64
	IncidentID int64 // anomaly, stop and recovery of one incident share it
	MonitorID  int64
	TargetID   int64
	Host       string
	Label      string // the monitor's own, else its target's; "" if neither is set
	Service    Service
	Port       uint16 // 0 for Ping

	KeepWatching bool // failures never stop the monitor
}
