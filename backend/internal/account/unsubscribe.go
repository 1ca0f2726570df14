package account

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// Unsubscriber makes and reads the tokens by which a contact's mails are
// stopped: always the same one for a contact, good as long as the service's
// secret, so that the link in the oldest mail works. The zero value must not be
// used.
type Unsubscriber struct{ key []byte }

// NewUnsubscriber derives its key from the service's secret of at least 32 bytes
// (HKDF, RFC 5869).
func NewUnsubscriber(secret []byte) (Unsubscriber, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "hinomi unsubscribe 1", 32)
	if err != nil {
		return Unsubscriber{}, fmt.Errorf("derive key: %w", err)
	}
	return Unsubscriber{key}, nil
}

// unsubscribeIDs are the bytes of both ids in a token; the rest are the first
// 128 bits of an HMAC-SHA-256 of them.
const unsubscribeIDs = 16

// Token is 43 characters of base64url.
func (u Unsubscriber) Token(accountID, contactID int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(accountID))
	b = binary.BigEndian.AppendUint64(b, uint64(contactID))
	return base64.RawURLEncoding.EncodeToString(append(b, u.sign(b)...))
}

func (u Unsubscriber) sign(ids []byte) []byte {
	mac := hmac.New(sha256.New, u.key)
	_, _ = mac.Write(ids) // never fails
	return mac.Sum(nil)[:unsubscribeIDs]
}

// Parse gives the contact of a token that this service made, else ErrToken.
func (u Unsubscriber) Parse(token string) (accountID, contactID int64, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 2*unsubscribeIDs || !hmac.Equal(u.sign(b[:unsubscribeIDs]), b[unsubscribeIDs:]) {
		return 0, 0, ErrToken
	}
	return int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:])), nil
}
