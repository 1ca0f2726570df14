package uptime

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// Why a host may not be watched, or not in that way.
var (
	ErrHostDenied    = errors.New("the host's DNS says that nobody may watch it")
	ErrProofRequired = errors.New("the host is not proven to be the account's")
)

// DenyText is what a host's owner publishes as TXT at Challenge.Name if nobody
// may watch it.
const DenyText = "deny"

// Words of how a host is proven.
const (
	ProvenByDNS  = "dns"
	ProvenByHTTP = "http"
)

// ProofState tells how far the proof of a target is.
type ProofState string

// The states. Their words are on the wire.
const (
	ProofNone    ProofState = "none"    // nobody has looked
	ProofPending ProofState = "pending" // was looked for, and is not there
	ProofProven  ProofState = "proven"
	ProofLost    ProofState = "lost" // was there once
)

// Proof is what is known of whether a host is the account's.
type Proof struct {
	Challenge
	State     ProofState
	Method    string    // ProvenByDNS or ProvenByHTTP; "" unless proven
	ProvenAt  time.Time // since when without a break; zero unless proven
	CheckedAt time.Time // last look; zero before the first
}

// Challenge is what an account publishes to prove that a host is its own.
type Challenge struct {
	Host  string
	Token string // of the account and the host
}

// proofTokenBytes is the length of a token before encoding: more than can be
// guessed, and short enough for a name of a file.
const proofTokenBytes = 16

// NewChallenge derives the token from the account's key, so that nothing is kept
// of hosts that are asked about. It is no secret: whoever publishes it proves
// for that account alone.
func NewChallenge(key []byte, host string) Challenge {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(host))
	token := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:proofTokenBytes])
	return Challenge{Host: host, Token: strings.ToLower(token)}
}

// Name is where DNS is asked; "" for an address, which has no names of its own.
func (c Challenge) Name() string {
	if _, err := netip.ParseAddr(c.Host); err == nil {
		return ""
	}
	return ChallengeName(c.Host)
}

// ChallengeName is where a host's DNS is asked who owns it.
func ChallengeName(host string) string { return "_hinomi." + host }

// Text is the TXT record, and the content of the file.
func (c Challenge) Text() string { return "hinomi-proof=" + c.Token }

// URL is where the file is looked for.
func (c Challenge) URL() string {
	host := c.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + c.Path()
}

// Path is the file's path on the host (RFC 8615).
func (c Challenge) Path() string { return "/.well-known/hinomi-" + c.Token + ".txt" }

// Evidence is what a look at a host found.
type Evidence struct {
	Denied  bool         // DNS says that nobody may watch it; then nothing else was looked for
	DNS     bool         // the text is in DNS
	Files   []netip.Addr // addresses that served the file
	Addrs   []netip.Addr // of the host, ascending
	Unknown bool         // our own way was at fault: what was not found may be there
}

// Method is how the evidence proves the host; "" if it does not.
func (e Evidence) Method() string {
	switch {
	case e.Denied:
		return ""
	case e.DNS:
		return ProvenByDNS
	case len(e.Files) > 0:
		return ProvenByHTTP
	}
	return ""
}

// How proofs are looked at again.
const (
	ProofRecheck = 7 * 24 * time.Hour // after a good look
	ProofRetry   = 24 * time.Hour     // after a look that found nothing
	ProofUnknown = time.Hour          // after one that learnt nothing

	// A proof is lost when three looks in a row, over three days, found nothing: a
	// server or a zone that is broken over a weekend costs nobody his proof, and
	// whoever buys a domain waits for ten days at most.
	ProofLooks = 3
	ProofGrace = 3 * 24 * time.Hour
)

// How often names are looked at for an opt-out and for their addresses: well
// within the day that is promised.
const (
	OwnerLookEvery = 20 * time.Hour
	AddressMemory  = 7 * 24 * time.Hour // so long an address stays a target's that its name no longer has
)

// OwnerLook is a look at a target's host, to be made.
type OwnerLook struct {
	TargetID  int64
	AccountID int64
	Challenge Challenge // without a key of the account if only its name is needed
}

// OwnerFound is what a look at a name found, besides proofs.
type OwnerFound struct {
	Known  bool // DNS could be asked
	Denied bool
	Addrs  []netip.Addr // none if the name does not resolve
}
