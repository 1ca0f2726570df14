package uptime

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Why a host cannot be had, besides ErrConflict.
var (
	ErrHostTaken   = errors.New("another account has the host or its address")
	ErrAddressFull = errors.New("as many monitors are on the address as may be")
)

// MaxMonitorsOnAddress bounds the monitors of all accounts on one address.
const MaxMonitorsOnAddress = 18

// SharedNetworkError says that many share an address of the host.
type SharedNetworkError struct {
	Name string // of the network
}

func (e *SharedNetworkError) Error() string {
	return fmt.Sprintf("the host stands behind a shared network (%s)", e.Name)
}

// SharedNetwork is a network in which many share an address, such as that of a
// carrier of content or of a shared hosting service.
type SharedNetwork struct {
	Prefix netip.Prefix // canonical
	Name   string       // as people are told
}

// Kinds of Collision.
const (
	HostCollision    = "host"    // another account has the host
	AddressCollision = "address" // the name has come to point to another account's address
	CrowdCollision   = "crowd"   // more monitors are on the address than may be
)

// Collision is a target that is where it could not be registered today. It
// changes nothing: the operator looks at it.
type Collision struct {
	Kind    string
	Target  ClaimedTarget
	Holder  ClaimedTarget // of the other account; zero for CrowdCollision
	Address netip.Addr    // zero for HostCollision
	Since   time.Time     // when the name came to point there, or the target was made
}

// ClaimedTarget is a target as the operator sees it: whose it is, and where.
type ClaimedTarget struct {
	ID          int64
	Host        string
	AccountID   int64
	Email       string // of the account
	CreatedAt   time.Time
	DisplacedAt time.Time // zero: it has its host
	Proof       ProofState
	Allowed     bool // whatever its country
	Addresses   []netip.Addr
}
