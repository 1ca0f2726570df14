package account

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestAnUnsubscribeTokenIsOfItsContactAndServiceOnly(t *testing.T) {
	t.Parallel()
	u, err := NewUnsubscriber(bytes.Repeat([]byte("a"), 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewUnsubscriber(bytes.Repeat([]byte("b"), 32))
	if err != nil {
		t.Fatal(err)
	}
	token := u.Token(7, 9)
	a, c, err := u.Parse(token)
	if err != nil || a != 7 || c != 9 || len(token) != 43 || token != u.Token(7, 9) {
		t.Errorf("%s: %d, %d, %v", token, a, c, err)
	}
	if _, _, err := other.Parse(token); !errors.Is(err, ErrToken) {
		t.Errorf("another service's: %v", err)
	}
	for _, bad := range []string{"", "x", token + "A", token[:42], "=" + token[1:], NewToken(time.Time{}).Raw} {
		if _, _, err := u.Parse(bad); !errors.Is(err, ErrToken) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for i := range token { // each character changed
		b := []byte(token)
		if b[i]++; b[i] == token[i] {
			t.Fatal("the same")
		}
		if _, _, err := u.Parse(string(b)); err == nil {
			t.Errorf("%s was taken for %s", b, token)
		}
	}
	if u.Token(9, 7) == token || u.Token(7, 10) == token {
		t.Error("two contacts have one token")
	}
}
