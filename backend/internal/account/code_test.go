package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestACodeMatchesItsOwnTokenAndKeyOnly(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef0123456789abcdef")
	token, other := account.NewToken(time.Time{}).WithCode(key), account.NewToken(time.Time{}).WithCode(key)
	code := account.CodeOf(token.Raw)
	for _, text := range []string{code, " " + code[:3] + " " + code[3:], code[:3] + "-" + code[3:] + "\u3000"} {
		try, err := account.ParseCode(key, text)
		if err != nil || !try.Matches(token.Hash, token.CodeHash) {
			t.Errorf("%q does not match: %v", text, err)
		}
	}
	try, err := account.ParseCode(key, code)
	if err != nil || try.Matches(other.Hash, token.CodeHash) || try.Matches(token.Hash, nil) || try.Matches(token.Hash, token.Hash) {
		t.Errorf("%q matches what is not its own, %v", code, err)
	}
	if try, err = account.ParseCode([]byte("another key"), code); err != nil || try.Matches(token.Hash, token.CodeHash) {
		t.Errorf("%q matches under another key, %v", code, err)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	if try, err = account.ParseCode(key, wrong); err != nil || try.Matches(token.Hash, token.CodeHash) {
		t.Errorf("%q matches, %v", wrong, err)
	}
}

func TestWhatIsNoCodeOfSixDigitsIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "12345", "1234567", "12345a", "+12345", "１２３４５", "٠١٢٣٤٥", "12345\x00", "' or 1"} {
		if _, err := account.ParseCode(nil, text); !errors.Is(err, account.ErrCode) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := account.ParseCode(nil, "０１２３４５"); err != nil {
		t.Errorf("full-width digits: %v", err)
	}
}

func TestCodesAreSpreadOverAllDigits(t *testing.T) {
	t.Parallel()
	first := map[byte]int{}
	for range 2000 {
		code := account.CodeOf(account.NewToken(time.Time{}).Raw)
		if len(code) != 6 {
			t.Fatalf("code %q", code)
		}
		first[code[0]]++
	}
	for d := byte('0'); d <= '9'; d++ {
		if n := first[d]; n < 100 || n > 320 {
			t.Errorf("%d of 2000 codes begin with %c", n, d)
		}
	}
}
