package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// jwtSecret reads the key that signs access tokens and from which the key of second
// factors follows, and makes it at the first
// start: 32 random bytes in hexadecimal.
func jwtSecret(dataDir string) (string, error) {
	path := filepath.Join(dataDir, "secrets", "jwt.key")
	text, err := os.ReadFile(path)
	if err == nil {
		if secret := strings.TrimSpace(string(text)); len(secret) >= 32 {
			return secret, nil
		}
		return "", fmt.Errorf("%s is damaged: delete it, and everybody signs in anew, those with a second factor by a recovery code", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the signing key: %w", err)
	}
	secret, err := randomCode(32)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the signing key: %w", err)
	}
	return secret, nil
}

// secret is the service's, as set or made.
func (s *service) secret() ([]byte, error) {
	if s.cfg.JWTSecret != "" {
		return []byte(s.cfg.JWTSecret), nil
	}
	made, err := jwtSecret(s.cfg.DataDir)
	return []byte(made), err
}

// randomCode is n random bytes in hexadecimal.
func randomCode(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return hex.EncodeToString(b), nil
}
