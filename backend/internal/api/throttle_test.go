package api

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// from makes a request that came from an address.
func (a *app) from(remote string, r request) (status int, retryAfter string) {
	a.t.Helper()
	r.bearer = "-"
	r.remote = remote
	w := a.do(r)
	return w.Code, w.Header().Get("Retry-After")
}

func signIn(email, password string) request {
	return request{method: "POST", path: "/auth/login", body: loginBody(email, password)}
}

func TestFiveFailuresOfAnAccountFromAnAddressAreEnough(t *testing.T) {
	a := newApp(t)
	const thief, owner = "203.0.113.5:4000", "198.51.100.7:4000"
	for range 4 {
		if status, _ := a.from(thief, signIn("user@example.jp", "wrong horse battery")); status != 401 {
			t.Fatalf("a wrong password: %d", status)
		}
	}
	for range 3 { // successes do not count
		if status, _ := a.from(thief, signIn("user@example.jp", testPassword)); status != 200 {
			t.Fatalf("the right password after four wrong ones: %d", status)
		}
	}
	a.from(thief, signIn("USER@example.jp", "wrong horse battery"))
	status, wait := a.from(thief, signIn("user@example.jp", testPassword))
	if seconds, err := strconv.Atoi(wait); status != 429 || err != nil || seconds < 1 || seconds > 900 {
		t.Errorf("after five failures: %d, Retry-After %q", status, wait)
	}
	if status, _ := a.from(owner, signIn("user@example.jp", testPassword)); status != 200 {
		t.Errorf("the owner from elsewhere: %d", status)
	}
	if status, _ := a.from(thief, signIn("operator@example.jp", testPassword)); status != 200 {
		t.Errorf("another account from there: %d", status)
	}
	a.f.now = a.f.now.Add(15 * time.Minute)
	if status, _ := a.from(thief, signIn("user@example.jp", testPassword)); status != 200 {
		t.Errorf("a quarter of an hour later: %d", status)
	}
}

func TestFiftyFailuresFromAnAddressAreEnough(t *testing.T) {
	a := newApp(t)
	for i := range 50 {
		// One IPv6 network is one caller, whichever of its addresses asks.
		remote := "[2001:db8:1:2::" + strconv.FormatInt(int64(i+1), 16) + "]:4000"
		if status, _ := a.from(remote, signIn("nobody"+strconv.Itoa(i)+"@example.jp", "wrong horse battery")); status != 401 {
			t.Fatalf("failure %d: %d", i, status)
		}
	}
	if status, wait := a.from("[2001:db8:1:2::ffff]:4000", signIn("user@example.jp", testPassword)); status != 429 || wait == "" {
		t.Errorf("after fifty failures: %d, Retry-After %q", status, wait)
	}
	if status, _ := a.from("[2001:db8:1:3::1]:4000", signIn("user@example.jp", testPassword)); status != 200 {
		t.Errorf("from another network: %d", status)
	}
}

func TestFiveRegistrationsAnHourFromAnAddress(t *testing.T) {
	a := newApp(t)
	register := func(n int) request {
		return request{method: "POST", path: "/auth/register", body: registration("n"+strconv.Itoa(n)+"@example.jp", "")}
	}
	for i := range 5 {
		if status, _ := a.from("203.0.113.5:1", register(i)); status != http.StatusCreated {
			t.Fatalf("registration %d: %d", i, status)
		}
	}
	if status, wait := a.from("203.0.113.5:2", register(5)); status != 429 || wait == "" {
		t.Errorf("the sixth: %d, Retry-After %q", status, wait)
	}
	// Nobody has said that a proxy stands before us: what it says counts for nothing.
	r := register(6)
	r.header = map[string]string{"X-Forwarded-For": "192.0.2.9", "X-Real-Ip": "192.0.2.9", "Forwarded": "for=192.0.2.9"}
	if status, _ := a.from("203.0.113.5:3", r); status != 429 {
		t.Errorf("with another address in a header: %d", status)
	}
	a.f.now = a.f.now.Add(time.Hour)
	if status, _ := a.from("203.0.113.5:4", register(7)); status != http.StatusCreated {
		t.Errorf("an hour later: %d", status)
	}
}

func TestTheSetupCodeCannotBeGuessed(t *testing.T) {
	a := newEmptyApp(t)
	guess := request{method: "POST", path: "/auth/register", body: registration("first@example.jp", "guess")}
	for i := range 50 {
		if status, _ := a.from("203.0.113.5:1", guess); status != http.StatusForbidden {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	right := request{method: "POST", path: "/auth/register", body: registration("first@example.jp", testSetupCode)}
	if status, _ := a.from("203.0.113.5:1", right); status != 429 {
		t.Errorf("after fifty guesses: %d", status)
	}
	if status, _ := a.from("198.51.100.7:1", right); status != http.StatusCreated {
		t.Errorf("from elsewhere: %d", status)
	}
}
