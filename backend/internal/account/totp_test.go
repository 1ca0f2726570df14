package account

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

// RFC 6238, appendix B, SHA-1; the last six of their eight digits.
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := totpCode(secret, at/30); got != code[2:] {
			t.Errorf("at %d: %s, not %s", at, got, code[2:])
		}
		if step, ok := MatchTOTP(secret, code[2:5]+" "+code[5:], time.Unix(at, 0)); !ok || step != at/30 {
			t.Errorf("at %d: step %d, %v", at, step, ok)
		}
	}
}

// RFC 4226, appendix D.
func TestCodesAreThoseOfRFC4226(t *testing.T) {
	for step, code := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := totpCode([]byte("12345678901234567890"), int64(step)); got != code {
			t.Errorf("%d: %s, not %s", step, got, code)
		}
	}
}

func TestClocksMayDifferByOneStep(t *testing.T) {
	secret := []byte("12345678901234567890")
	const step = 37037037
	begin := time.Unix(step*30, 0)
	for late, ok := range map[time.Duration]bool{
		-31 * time.Second: false, -30 * time.Second: true, 0: true, 29 * time.Second: true, 30 * time.Second: true, 59 * time.Second: true,
		60 * time.Second: false, 24 * time.Hour: false, -24 * time.Hour: false,
	} {
		got, matched := MatchTOTP(secret, totpCode(secret, step), begin.Add(late))
		if matched != ok || ok && got != step {
			t.Errorf("%s late: step %d, %v", late, got, matched)
		}
	}
	for _, text := range []string{"", "12345", "1234567", "abcdef", "-12345", "+12345", "12345６７", totpCode([]byte("another secret"), step)} {
		if _, ok := MatchTOTP(secret, text, begin); ok {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestAuthenticatorsReadTheAddress(t *testing.T) {
	secret := []byte("12345678901234567890")
	u, err := url.Parse(TOTPAddress("a+b/c?@example.jp", secret))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Hinomi:a+b/c?@example.jp" || q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" ||
		q.Get("issuer") != "Hinomi" || q.Get("algorithm") != "SHA1" || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Errorf("%s", u)
	}
	if a, b := NewTOTPSecret(), NewTOTPSecret(); len(a) != 20 || bytes.Equal(a, b) {
		t.Errorf("secrets %x and %x", a, b)
	}
}

func TestRecoveryCodesAreReadAsPeopleWriteThem(t *testing.T) {
	set := NewRecoveryCodes()
	seen := map[string]bool{}
	for _, c := range set {
		seen[c.Text] = true
		if len(c.Text) != 29 || strings.Count(c.Text, "-") != 5 {
			t.Errorf("%q", c.Text)
		}
		for _, text := range []string{c.Text, strings.ToUpper(c.Text), strings.ReplaceAll(c.Text, "-", " "), " " + strings.ReplaceAll(c.Text, "-", "") + " "} {
			if hash, err := HashRecoveryCode(text); err != nil || !bytes.Equal(hash, c.Hash) {
				t.Errorf("%q: %x of %x, %v", text, hash, c.Hash, err)
			}
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d codes", len(seen))
	}
	for _, text := range []string{"", "123456", set[0].Text[:28], set[0].Text + "a", set[0].Text[:10] + "\n" + set[0].Text[10:], strings.Repeat("1", 24)} {
		if _, err := HashRecoveryCode(text); !errors.Is(err, ErrCode) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestASealedSecretOpensForItsAccountAndServiceOnly(t *testing.T) {
	sealer, err := NewSealer([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer([]byte("another secret of the same length"))
	if err != nil {
		t.Fatal(err)
	}
	secret := NewTOTPSecret()
	sealed := sealer.Seal(1, secret)
	if opened, err := sealer.Open(1, sealed); err != nil || !bytes.Equal(opened, secret) {
		t.Errorf("%x, %v", opened, err)
	}
	if bytes.Contains(sealed, secret) || bytes.Equal(sealed, sealer.Seal(1, secret)) {
		t.Error("it is not hidden, or always the same")
	}
	if _, err := sealer.Open(2, sealed); err == nil {
		t.Error("another account opened it")
	}
	if _, err := other.Open(1, sealed); err == nil {
		t.Error("another service opened it")
	}
	for i := range sealed {
		bent := bytes.Clone(sealed)
		bent[i] ^= 1
		if _, err := sealer.Open(1, bent); err == nil {
			t.Errorf("it opened with byte %d changed", i)
		}
		if _, err := sealer.Open(1, sealed[:i]); err == nil {
			t.Errorf("its first %d bytes opened", i)
		}
	}
}
