package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// Sealer encrypts secrets that must be read again, so that the database alone
// does not tell them: AES-256-GCM with a key that follows from the service's
// secret (HKDF, RFC 5869). The zero value must not be used.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a sealer from the service's secret of at least 32 bytes.
func NewSealer(secret []byte) (Sealer, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "hinomi second factor 1", 32)
	if err != nil {
		return Sealer{}, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Sealer{}, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Sealer{}, fmt.Errorf("make cipher: %w", err)
	}
	return Sealer{aead}, nil
}

// Seal encrypts an account's secret. It opens for that account only.
func (s Sealer) Seal(accountID int64, secret []byte) []byte {
	return s.aead.Seal(nil, nil, secret, sealedFor(accountID))
}

// Open decrypts what Seal made; it is an error if the service's secret, the
// account or a bit of it is another.
func (s Sealer) Open(accountID int64, sealed []byte) ([]byte, error) {
	secret, err := s.aead.Open(nil, nil, sealed, sealedFor(accountID))
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	return secret, nil
}

func sealedFor(accountID int64) []byte { return fmt.Appendf(nil, "account %d", accountID) }
