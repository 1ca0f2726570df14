package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// strongSecret is one that is taken wherever a secret is.
const strongSecret = "9f2c81e07b5d4a63c0de17f4a8b35296"

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEverySecretMayComeFromAFile(t *testing.T) {
	t.Parallel()
	const database, smtp = "postgres://hinomi:k4-Zq@db.example.jp/hinomi", "smtp://watch:k4-Zq@mail.example.jp"
	c, err := readWith(map[string]string{
		"HINOMI_JWT_SECRET_FILE": secretFile(t, strongSecret+"\n"), "HINOMI_SETUP_CODE_FILE": secretFile(t, "  first-come-first-served\r\n"),
		"DATABASE_URL_FILE": secretFile(t, database+"\n"), "HINOMI_SMTP_URL_FILE": secretFile(t, smtp), "HINOMI_MAIL_FROM": "watch@example.jp",
	})
	if err != nil || c.JWTSecret != strongSecret || c.SetupCode != "first-come-first-served" || c.DatabaseURL != database || c.SMTPURL != smtp {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestASecretFileThatCannotBeUsedIsSaid(t *testing.T) {
	t.Parallel()
	const name = "HINOMI_JWT_SECRET"
	for what, env := range map[string]map[string]string{
		"not both":       {name: strongSecret, name + "_FILE": secretFile(t, strongSecret)},
		"cannot be read": {name + "_FILE": filepath.Join(t.TempDir(), "missing")},
		"is empty":       {name + "_FILE": secretFile(t, " \n")},
		"longer than":    {name + "_FILE": secretFile(t, strings.Repeat(strongSecret, 1000))},
		"at least 32":    {name + "_FILE": secretFile(t, "short one")},
	} {
		_, err := readWith(env)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		} else if strings.Contains(err.Error(), strongSecret) || strings.Contains(err.Error(), "short one") {
			t.Errorf("%s: the error shows the secret: %v", what, err)
		}
	}
}

func TestGuessableSecretsAreRefused(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"HINOMI_JWT_SECRET": {
			"short", strings.Repeat("x", 64), strings.Repeat("abc", 20), "changeme-changeme-changeme-changeme", "Please-Change-Me-0123456789-0123456789",
			"your-secret-key-must-be-at-least-32-bytes", "<openssl rand -hex 32 goes here, please>", "my-super-secret-jwt-signing-key-0123456789",
			"this-is-an-example-key-of-40-characters!", "00000000000000000000000000000000",
		},
		"HINOMI_SETUP_CODE": {"setup", "12345678901", "aaaaaaaaaaaaaaaa", "changeme-please", "121212121212121212"},
		"DATABASE_URL":      {"postgres://hinomi:changeme@db/hinomi", "postgres://hinomi:your-password@db/hinomi", "postgres://hinomi:%3Cpassword%3E@db/hinomi"},
		"HINOMI_SMTP_URL":   {"smtp://watch:change_me@mail.example.jp", "smtps://watch:REPLACE-ME@mail.example.jp"},
	} {
		for _, v := range values {
			_, err := readWith(map[string]string{name: v, "HINOMI_MAIL_FROM": "watch@example.jp"})
			if err == nil || !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("%s=%s: %v", name, v, err)
			} else if strings.Contains(err.Error(), v) {
				t.Errorf("%s: the error shows it: %v", name, err)
			}
		}
	}
	for name, v := range map[string]string{
		"HINOMI_JWT_SECRET": strongSecret, "HINOMI_SETUP_CODE": "first-come-first-served",
		"DATABASE_URL": "postgres://hinomi:hinomi@127.0.0.1/hinomi", "HINOMI_SMTP_URL": "smtp://user:password@mail.example.jp:587",
	} {
		if _, err := readWith(map[string]string{name: v, "HINOMI_MAIL_FROM": "watch@example.jp"}); err != nil {
			t.Errorf("%s=%s: %v", name, v, err)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	standard := Rates{Session: 600, Token: 60, Downloads: 10, Probes: 1}
	for given, want := range map[string]Rates{
		"":                                       standard,
		"token=120, downloads=0":                 {Session: 600, Token: 120, Probes: 1},
		"session=1 token=2 downloads=3 probes=4": {1, 2, 3, 4},
	} {
		if c, err := readWith(map[string]string{ratesName: given}); err != nil || c.Rates != want {
			t.Errorf("%q: %+v, %v", given, c.Rates, err)
		}
	}
	for _, bad := range []string{"600", "session", "session=", "session=-1", "session=1e3", "sessions=5", "token=1000001", "token=60/min"} {
		if _, err := readWith(map[string]string{ratesName: bad}); err == nil || !strings.Contains(err.Error(), ratesName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOriginsAreWholeAndExact(t *testing.T) {
	t.Parallel()
	c, err := readWith(map[string]string{originsName: "https://status.example.jp, http://localhost:5173"})
	if err != nil || len(c.CORSOrigins) != 2 || c.CORSOrigins[0] != "https://status.example.jp" {
		t.Errorf("%q, %v", c.CORSOrigins, err)
	}
	for _, bad := range []string{
		"*", "null", "status.example.jp", "https://*.example.jp", "https://status.example.jp/", "https://Status.example.jp", "ftp://status.example.jp",
		"https://user@status.example.jp", "https://status.example.jp:443", "http://status.example.jp:80", "https://status.example.jp?x", "https://",
	} {
		if _, err := readWith(map[string]string{originsName: bad}); err == nil || !strings.Contains(err.Error(), originsName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
