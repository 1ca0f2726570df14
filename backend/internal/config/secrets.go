package config

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
)

const (
	minSetupCode  = 12       // bytes of HINOMI_SETUP_CODE
	minKinds      = 8        // different bytes in a secret
	maxSecretFile = 16 << 10 // bytes of a file of NAME_FILE
)

// placeholders stand in examples all over the world; a secret that is or holds
// one is known to everybody.
func placeholders() []string {
	return []string{
		"changeme", "change-me", "change_me", "change this", "changethis", "replaceme", "replace-me", "replace_me", "your-secret", "your_secret",
		"yoursecret", "your-password", "your_password", "yourpassword", "supersecret", "super-secret", "example", "placeholder", "secret-key",
	}
}

// secret reads NAME, or the file that NAME_FILE names (a trailing line break is
// not part of it). Faults never show the secret.
func (r *reader) secret(name string) string {
	v, path := r.text(name, ""), r.text(name+"_FILE", "")
	switch {
	case path == "":
		return v
	case v != "":
		r.fault(name, "set it or %s_FILE, not both", name)
		return ""
	}
	content, err := readSecretFile(path)
	if err != nil {
		r.fault(name+"_FILE", "%v", err)
		return ""
	}
	if content == "" {
		r.fault(name+"_FILE", "%s is empty: write the secret into it", path)
	}
	return content
}

func readSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	if len(content) > maxSecretFile {
		return "", fmt.Errorf("%s is longer than %d bytes", path, maxSecretFile)
	}
	return strings.TrimSpace(string(content)), nil
}

// strong refuses a secret that others may guess.
func (r *reader) strong(name, secret string, least int) {
	switch {
	case secret == "":
	case len(secret) < least:
		r.fault(name, "must be at least %d bytes long; openssl rand -hex 32 makes one", least)
	case isPlaceholder(secret) || kinds(secret) < minKinds:
		r.fault(name, "is a placeholder or too simple; openssl rand -hex 32 makes one")
	}
}

// ownPassword refuses a placeholder as the password of an address. How long it
// is, is its server's matter.
func (r *reader) ownPassword(name, address string) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return
	}
	if password, set := u.User.Password(); set && isPlaceholder(password) {
		r.fault(name, "its password is a placeholder: put the real one there")
	}
}

func isPlaceholder(secret string) bool {
	low := strings.ToLower(secret)
	return strings.HasPrefix(low, "<") || slices.ContainsFunc(placeholders(), func(word string) bool { return strings.Contains(low, word) })
}

// kinds counts the different bytes.
func kinds(s string) int {
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	return len(seen)
}
