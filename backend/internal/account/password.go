package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost of a password hash: OWASP's second choice for argon2id, about 30 ms.
const (
	hashTime    = 2
	hashMemory  = 19 * 1024 // KiB
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
)

// hashesAtOnce bounds memory and processors that sign-ins can take.
const hashesAtOnce = 2

// Bounds of a password, in characters (NIST SP 800-63B, ASVS 5.0). The upper
// one keeps hashing cheap.
const (
	minPassword = 8
	maxPassword = 128
)

// Faults of a password.
var (
	ErrPasswordShort = errors.New("the password must have at least 8 characters")
	ErrPasswordLong  = errors.New("the password must have at most 128 characters")
	ErrPasswordWeak  = errors.New("the password is too easy to guess")
)

// CheckPassword tells whether a password may be chosen for an account.
func CheckPassword(password, email string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return ErrPasswordShort
	case n > maxPassword:
		return ErrPasswordLong
	}
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	if commonPasswords()[lower] || lower == strings.ToLower(email) || lower == local || distinct(lower) < 4 {
		return ErrPasswordWeak
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// Hasher hashes passwords, a few at once. The zero value is not usable.
type Hasher struct {
	slots  chan struct{}
	hashed atomic.Int64
	dummy  string // what a password of nobody is compared with
}

// NewHasher makes the only hasher of a process.
func NewHasher() *Hasher {
	h := &Hasher{slots: make(chan struct{}, hashesAtOnce)}
	h.dummy = encodeHash(make([]byte, saltLength), make([]byte, hashLength))
	return h
}

// Hash gives the PHC string of a password. It waits for its turn until ctx ends.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails (crypto/rand since Go 1.24)
	return encodeHash(salt, argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)), nil
}

// Matches tells whether a password belongs to a hash. Without a hash (no such
// account) it takes as long and says no.
func (h *Hasher) Matches(ctx context.Context, password, encoded string) (bool, error) {
	known := encoded != ""
	if !known {
		encoded = h.dummy
	}
	hash, err := decodeHash(encoded)
	if err != nil {
		return false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	got := argon2.IDKey([]byte(password), hash.salt, hash.time, hash.memory, hash.threads, uint32(len(hash.sum)))
	return subtle.ConstantTimeCompare(got, hash.sum) == 1 && known, nil
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

func (h *Hasher) leave() {
	if h.hashed.Add(1)%hashesAtOnce == 0 && heldBytes() < smallHeap {
		runtime.GC()
	}
	<-h.slots
}

// smallHeap is where the scratch memory of hashes (19 MiB each, new every time)
// would soon be most of the memory: there it is collected after every few
// hashes, which takes a millisecond. In a larger heap it does not matter, and
// collecting would.
const smallHeap = 100 << 20

// heldBytes is what the last collection left.
func heldBytes() uint64 {
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(held)
	return held[0].Value.Uint64()
}

type passwordHash struct {
	time, memory uint32
	threads      uint8
	salt, sum    []byte
}

func encodeHash(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errHash = errors.New("damaged password hash")

// decodeHash reads a PHC string; hashes of other costs stay readable.
func decodeHash(encoded string) (passwordHash, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return passwordHash{}, errHash
	}
	var h passwordHash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return passwordHash{}, errHash
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return passwordHash{}, errHash
	}
	if h.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(h.sum) < 16 || h.time < 1 || h.threads < 1 {
		return passwordHash{}, errHash
	}
	return h, nil
}
