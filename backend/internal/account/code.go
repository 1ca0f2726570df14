package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// CodeTries is how often somebody may be wrong about a code. Five guesses at a
// million codes hit once in 200,000 times.
const CodeTries = 5

const (
	codeDigits = 6
	codes      = 1_000_000
)

// ErrCode says that a text cannot be a code.
var ErrCode = errors.New("not a code of six digits")

// CodeOf gives the code that stands beside a link in a mail, for people who
// read the mail on another device. It follows from the raw token and tells
// nothing about it.
func CodeOf(raw string) string {
	sum := sha256.Sum256([]byte("hinomi code " + raw))
	return fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint64(sum[:8])%codes)
}

// WithCode gives the token the hash of its code. Without the key a million
// tries would find the code of a hash.
func (t Token) WithCode(key []byte) Token {
	t.CodeHash = hashCode(key, t.Hash, CodeOf(t.Raw))
	return t
}

func hashCode(key, tokenHash []byte, code string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("hinomi code " + code + " ")) // never fails
	_, _ = mac.Write(tokenHash)
	return mac.Sum(nil)
}

// CodeTry is a code that somebody entered.
type CodeTry struct {
	key    []byte
	digits string
}

// ParseCode reads what people enter: spaces and hyphens do not count, and
// full-width digits are digits.
func ParseCode(key []byte, text string) (CodeTry, error) {
	digits, err := sixDigits(text)
	return CodeTry{key: key, digits: digits}, err
}

func sixDigits(text string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\u3000' || r == '\u00a0':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return r
	}, text)
	if len(digits) != codeDigits || strings.Trim(digits, "0123456789") != "" {
		return "", ErrCode
	}
	return digits, nil
}

// Matches tells, in the same time for all codes, whether the code is that of
// the token with the hash.
func (c CodeTry) Matches(tokenHash, codeHash []byte) bool {
	return hmac.Equal(hashCode(c.key, tokenHash, c.digits), codeHash)
}
