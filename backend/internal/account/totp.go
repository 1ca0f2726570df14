package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // with what every authenticator knows; HMAC does not need collision resistance
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time passwords by the clock (RFC 6238), as authenticators make them:
// SHA-1, six digits, 30 seconds.
const (
	totpPeriod      = 30 // seconds
	totpSkew        = 1  // steps that the clocks may differ
	totpSecretBytes = 20 // RFC 4226 §4 asks for 160 bits
	totpIssuer      = "Hinomi"
)

// NewTOTPSecret makes the secret that an authenticator shares with us.
func NewTOTPSecret() []byte {
	b := make([]byte, totpSecretBytes)
	_, _ = rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return b
}

// TOTPSecretText is a secret as people type it into an authenticator.
func TOTPSecretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPAddress is what an authenticator reads from a QR code (Google's Key URI
// Format).
func TOTPAddress(email string, secret []byte) string {
	q := url.Values{
		"secret": {TOTPSecretText(secret)}, "issuer": {totpIssuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(codeDigits)}, "period": {fmt.Sprint(totpPeriod)},
	}
	return "otpauth://totp/" + totpIssuer + ":" + url.PathEscape(email) + "?" + q.Encode()
}

// totpCode is the code of a step (RFC 4226 §5.3).
func totpCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	_, _ = mac.Write(counter[:]) // never fails
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%codes)
}

// MatchTOTP tells whether a code is that of now, of the step before or of the
// one after, and of which: a step must be taken once only.
func MatchTOTP(secret []byte, text string, now time.Time) (step int64, ok bool) {
	digits, err := sixDigits(text)
	if err != nil {
		return 0, false
	}
	current := now.Unix() / totpPeriod
	for candidate := current - totpSkew; candidate <= current+totpSkew; candidate++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, candidate)), []byte(digits)) == 1 {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// TOTP is the code that an authenticator shows.
func TOTP(secret []byte, now time.Time) string { return totpCode(secret, now.Unix()/totpPeriod) }

// IsTOTP tells whether a text can be a code of an authenticator.
func IsTOTP(text string) bool {
	_, err := sixDigits(text)
	return err == nil
}

// Recovery codes are for who has lost the authenticator. 120 random bits need
// no slow hash (OWASP ASVS 5.0, 6.5.2 asks for 112).
const (
	RecoveryCodes = 10

	recoveryBytes = 15
	recoveryGroup = 4 // characters between hyphens
)

// RecoveryCode is good once.
type RecoveryCode struct {
	Text string // six groups of four characters
	Hash []byte // SHA-256
}

// NewRecoveryCodes makes an account's next set.
func NewRecoveryCodes() []RecoveryCode {
	set := make([]RecoveryCode, RecoveryCodes)
	for i := range set {
		var b [recoveryBytes]byte
		_, _ = rand.Read(b[:])
		text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
		var groups []string
		for ; text != ""; text = text[recoveryGroup:] {
			groups = append(groups, text[:recoveryGroup])
		}
		set[i] = RecoveryCode{Text: strings.Join(groups, "-"), Hash: hashText(string(b[:]))}
	}
	return set
}

// HashRecoveryCode reads what people enter, whatever its case, spaces and
// hyphens, and gives the hash under which the code is stored.
func HashRecoveryCode(text string) ([]byte, error) {
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
	b, err := base32.StdEncoding.DecodeString(text)
	if err != nil || len(b) != recoveryBytes || strings.ContainsAny(text, "\r\n") {
		return nil, ErrCode
	}
	return hashText(string(b)), nil
}

// SecondFactor is what is kept of an account's authenticator.
type SecondFactor struct {
	Sealed    []byte    // secret, by Sealer.Seal
	EnabledAt time.Time // zero while it is only proposed
	CodesLeft int       // recovery codes that were not used
}

// SecondFactorChange turns a proposed second factor on.
type SecondFactorChange struct {
	AccountID   int64
	Sealed      []byte   // the proposal that the code was checked against
	Step        int64    // of the code
	CodeHashes  [][]byte // of the recovery codes
	KeepSession string   // the only session that goes on
}
