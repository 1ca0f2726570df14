package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestParseEmail(t *testing.T) {
	good := map[string]string{
		"a@example.jp": "a@example.jp", "Taro.Yamada+x@Example.CO.JP": "Taro.Yamada+x@example.co.jp",
		"abc..def@docomo.ne.jp": "abc..def@docomo.ne.jp", "abc.@ezweb.ne.jp": "abc.@ezweb.ne.jp", ".a@docomo.ne.jp": ".a@docomo.ne.jp",
		"o'hara/!#$%&*=?^_`{|}~@example.com": "o'hara/!#$%&*=?^_`{|}~@example.com", "a@xn--fsq.jp": "a@xn--fsq.jp",
		strings.Repeat("a", 64) + "@example.jp": strings.Repeat("a", 64) + "@example.jp", "a@1.example": "a@1.example",
	}
	for in, want := range good {
		if got, err := ParseEmail(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "@", "a", "a@", "@example.jp", "a@localhost", "a@b@example.jp", "a b@example.jp", "a@exa mple.jp", "a@-a.jp", "a@a-.jp",
		"a@.jp", "a@example.", "a@example..jp", "a@127.0.0.1", "a@[127.0.0.1]", `"a b"@example.jp`, "<a@example.jp>", "a@example.jp,b@example.jp",
		"a@example.jp\r\nBcc: x@example.jp", "a\x00@example.jp", "あ@example.jp", "a@例.jp", "...@example.jp", "a@exa_mple.jp",
		strings.Repeat("a", 65) + "@example.jp", "a@" + strings.Repeat("b", 64) + ".jp", "a@" + strings.Repeat("b.", 130) + "jp", "Taro <a@example.jp>",
	} {
		if got, err := ParseEmail(in); !errors.Is(err, ErrEmail) {
			t.Errorf("%q was taken as %q, %v", in, got, err)
		}
	}
}

func TestParseZone(t *testing.T) {
	for _, in := range []string{"Asia/Tokyo", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "Europe/London"} {
		if got, err := ParseZone(in); err != nil || got != in {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "Local", "Mars/Base", "../../etc/passwd", "/etc/localtime", `Asia\Tokyo`, "JST", strings.Repeat("a", 65)} {
		if got, err := ParseZone(in); !errors.Is(err, ErrZone) {
			t.Errorf("%q was taken as %q, %v", in, got, err)
		}
	}
}

func TestParseLocale(t *testing.T) {
	for _, in := range []string{"ja", "en"} {
		if got, err := ParseLocale(in); err != nil || string(got) != in {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "JA", "fr", "ja-JP"} {
		if _, err := ParseLocale(in); !errors.Is(err, ErrLocale) {
			t.Errorf("%q was taken", in)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]error{
		"correct horse battery": nil, "ぱすわーどです。よ": nil, "1234567": ErrPasswordShort, "ぱすわーど": ErrPasswordShort,
		"12345678 ": nil, "        a b c": nil, "tr0ub4dor&3": nil, strings.Repeat("abcd", 32): nil, strings.Repeat("語彙力強", 32): nil, "🔥🔔🗼🌙🔥🔔🗼🌙": nil,
		"\u0000\u0001abcdef": nil, "": ErrPasswordShort, "abcdefg": ErrPasswordShort, "🔥🔔🗼🌙": ErrPasswordShort,
		strings.Repeat("abcd", 32) + "e": ErrPasswordLong, strings.Repeat("語彙力強", 32) + "語": ErrPasswordLong,
		"12345678": ErrPasswordWeak, "QWERTYUIOP": ErrPasswordWeak, "TARO.YAMADA@EXAMPLE.JP": ErrPasswordWeak, "abababababab": ErrPasswordWeak,
		strings.Repeat("abcd", 65): ErrPasswordLong, "Password123": ErrPasswordWeak, "aaaaaaaaaaaa": ErrPasswordWeak,
		"taro.yamada@example.jp": ErrPasswordWeak, "Taro.Yamada": ErrPasswordWeak,
	} {
		if got := CheckPassword(password, "taro.yamada@example.jp"); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", password, got, want)
		}
	}
}

func TestAPasswordMatchesItsHashOnly(t *testing.T) {
	h := NewHasher()
	one, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %q %q", one, two)
	}
	for password, want := range map[string]bool{"correct horse battery": true, "Correct horse battery": false, "": false} {
		if got, err := h.Matches(t.Context(), password, one); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	if got, err := h.Matches(t.Context(), "", ""); err != nil || got {
		t.Errorf("nobody's password matched: %v, %v", got, err)
	}
}

func TestDamagedHashesAreErrors(t *testing.T) {
	h := NewHasher()
	for _, hash := range []string{
		"x", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=1,t=0,p=0$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$AAAA$", "$argon2id$v=19$m=19456,t=2,p=1$!$AAAA", "$argon2id$v=19$$$",
	} {
		if _, err := h.Matches(t.Context(), "password", hash); err == nil {
			t.Errorf("%q was read", hash)
		}
	}
}

func TestAtMostTwoPasswordsAreHashedAtOnce(t *testing.T) {
	h := NewHasher()
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "correct horse battery"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a third got in: %v", err)
	}
	<-h.slots
	<-h.slots
	var done atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := h.Hash(t.Context(), "correct horse battery"); err == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if done.Load() != 4 {
		t.Errorf("%d of 4 were hashed", done.Load())
	}
}

func TestTokens(t *testing.T) {
	expires := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	one, two := NewToken(expires), NewToken(expires)
	if one.Raw == two.Raw || len(one.Raw) != 43 || len(one.Hash) != 32 || !one.ExpiresAt.Equal(expires) {
		t.Errorf("tokens %+v %+v", one, two)
	}
	if hash, err := HashToken(one.Raw); err != nil || string(hash) != string(one.Hash) {
		t.Errorf("hash %x, %v", hash, err)
	}
	for _, raw := range []string{"", "x", one.Raw + "A", one.Raw[:42], one.Raw + "=", strings.Repeat("!", 43), one.Raw[:42] + "\n"} {
		if _, err := HashToken(raw); !errors.Is(err, ErrToken) {
			t.Errorf("%q was taken", raw)
		}
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if !IsID(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"", "x", strings.ToUpper(NewID()), NewID() + "0", "00000000-0000-0000-0000-000000000000"} {
		if IsID(id) {
			t.Errorf("%q was taken", id)
		}
	}
}

func TestTheTermsSayWhatMustBeSaid(t *testing.T) {
	standard := StandardTerms()
	for text, words := range map[string][]string{
		standard.Ja: {"自動", "無人", "無料", "所有または管理", "遅れ", "監視の再開", "10日間", "パスワード"},
		standard.En: {"automatic and unmanned", "free", "own or manage", "late, missing or false", "Resume", "ten days", "hash"},
	} {
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("%q is not said in %.40q", word, text)
			}
		}
	}
	if strings.Count(termsJapanese, "\n## ") != strings.Count(termsEnglish, "\n## ") || strings.Count(termsJapanese, "\n- ") != strings.Count(termsEnglish, "\n- ") {
		t.Error("the two languages differ in structure")
	}
	if _, err := time.Parse(time.DateOnly, TermsVersion); err != nil {
		t.Error(err)
	}
}

func FuzzParseEmail(f *testing.F) {
	f.Add("abc..def@docomo.ne.jp")
	f.Add("a@b\r\n.jp")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseEmail(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(got, " \r\n\t\x00<>\"(),:;[]\\") || strings.Count(got, "@") != 1 || len(got) > maxEmail {
			t.Errorf("%q was taken as %q", s, got)
		}
		if again, err := ParseEmail(got); err != nil || again != got {
			t.Errorf("%q became %q, %v", got, again, err)
		}
	})
}
