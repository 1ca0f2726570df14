package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// claiming is the API's pool where one account has a host or an address.
func claiming(t *testing.T, owners *DB) *DB {
	t.Helper()
	db, err := Open(owners.url, Options{Role: RoleAPI, MaxConns: 20, StatementTimeout: 30 * time.Second, Now: owners.opts.Now, Claims: true})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// placed is a target of one service to be made, at addresses.
func placed(owner int64, host string, addrs ...string) uptime.NewTarget {
	n := uptime.NewTarget{AccountID: owner, Host: host, Services: []uptime.Service{uptime.Ping}}
	for _, a := range addrs {
		n.Addrs = append(n.Addrs, netip.MustParseAddr(a))
	}
	return n
}

func register(t *testing.T, db *DB, n uptime.NewTarget) uptime.Target {
	t.Helper()
	made, err := db.CreateTarget(t.Context(), n)
	must(t, err)
	return made
}

func refused(t *testing.T, kind error, db *DB, n uptime.NewTarget) {
	t.Helper()
	_, err := db.CreateTarget(t.Context(), n)
	if !errors.Is(err, kind) {
		t.Errorf("%s at %v: %v, want %v", n.Host, n.Addrs, err, kind)
	}
}

func TestOneAccountHasAHostAndItsAddresses(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	first := register(t, db, placed(a, "www.example.jp", "192.0.2.2", "192.0.2.1", "2001:db8::1"))
	second := register(t, db, placed(a, "mail.example.jp", "192.0.2.1"))

	refused(t, uptime.ErrConflict, db, placed(a, "www.example.jp"))
	for _, n := range []uptime.NewTarget{
		placed(b, "www.example.jp"), placed(b, "www.example.jp", "198.51.100.1"), placed(b, "other.example.jp", "198.51.100.1", "192.0.2.2"),
		placed(b, "192.0.2.1", "192.0.2.1"), placed(b, "2001:db8::1", "2001:db8::1"),
	} {
		refused(t, uptime.ErrHostTaken, db, n)
	}
	for _, table := range []string{"targets", "host_claims", "address_claims", "target_addresses"} {
		if n := one[int](t, owners, `select count(*) from `+table+` where account_id = $1`, b); n != 0 {
			t.Errorf("%d rows in %s after refusals", n, table)
		}
	}

	must(t, db.DeleteTarget(t.Context(), a, first.ID))
	register(t, db, placed(b, "www.example.jp", "192.0.2.2", "2001:db8::1"))
	refused(t, uptime.ErrHostTaken, db, placed(b, "192.0.2.1", "192.0.2.1")) // the second is still there
	must(t, db.DeleteTarget(t.Context(), a, second.ID))
	register(t, db, placed(b, "192.0.2.1", "192.0.2.1"))

	exec(t, owners, `update accounts set password_hash = 'known' where id = $1`, b)
	seedAccount(t, owners, "operator@example.jp", 0)
	must(t, db.DeleteAccount(t.Context(), b, "known"))
	register(t, db, placed(a, "www.example.jp", "192.0.2.1", "192.0.2.2", "2001:db8::1"))
}

func TestWhereEverybodyIsTrustedNothingIsClaimed(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := inRole(t, owners, RoleAPI)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	exec(t, owners, `insert into shared_networks values ('10.0.0.0/8', 'ours')`)
	register(t, db, placed(a, "10.0.0.1", "10.0.0.1"))
	register(t, db, placed(b, "10.0.0.1", "10.0.0.1"))
	if n := one[int](t, owners, `select count(*) from host_claims`); n != 0 {
		t.Errorf("%d claims", n)
	}
}

// atOnce tries fifty times at once and gives who was let in; all others must
// have got the error.
func atOnce(t *testing.T, kind error, try func(ctx context.Context, n int) error) (let []int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	for n := range 50 {
		wg.Go(func() {
			<-start
			err := try(t.Context(), n)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				let = append(let, n)
			} else if !errors.Is(err, kind) {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	close(start)
	wg.Wait()
	return let
}

func TestOfManyAccountsAtOnceOneGetsTheHostAndOneTheAddress(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	var people []int64
	for n := range 50 {
		people = append(people, seedAccount(t, owners, fmt.Sprintf("p%d@example.jp", n), 0))
	}
	if let := atOnce(t, uptime.ErrHostTaken, func(ctx context.Context, n int) error {
		_, err := db.CreateTarget(ctx, placed(people[n], "www.example.jp"))
		return err
	}); len(let) != 1 {
		t.Errorf("the host was given to %v", let)
	}
	// Each by a name of his own; the addresses stand in different orders.
	if let := atOnce(t, uptime.ErrHostTaken, func(ctx context.Context, n int) error {
		addrs := []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}
		_, err := db.CreateTarget(ctx, placed(people[n], fmt.Sprintf("h%d.example.jp", n), append(addrs[n%3:], addrs[:n%3]...)...))
		return err
	}); len(let) != 1 {
		t.Errorf("the addresses were given to %v", let)
	}
	if n := one[int](t, owners, `select count(*) from address_claims`); n != 3 {
		t.Errorf("%d claims of addresses, want 3", n)
	}
}

func TestAnAddressIsNotLostBetweenTwoTargetsOfAnAccount(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	for round := range 20 {
		old := register(t, db, placed(a, fmt.Sprintf("old%d.example.jp", round), "192.0.2.1"))
		var wg sync.WaitGroup
		var fresh atomic.Int64
		wg.Go(func() {
			made, err := db.CreateTarget(t.Context(), placed(a, fmt.Sprintf("new%d.example.jp", round), "192.0.2.1"))
			if err != nil {
				t.Errorf("register: %v", err)
			}
			fresh.Store(made.ID)
		})
		wg.Go(func() {
			if err := db.DeleteTarget(t.Context(), a, old.ID); err != nil {
				t.Errorf("delete: %v", err)
			}
		})
		wg.Wait()
		if n := one[int](t, owners, `select count(*) from address_claims where account_id = $1`, a); n != 1 {
			t.Fatalf("round %d: %d claims", round, n)
		}
		must(t, db.DeleteTarget(t.Context(), a, fresh.Load()))
	}
}

func TestHostsBehindASharedNetworkAreRefused(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	desk := inRole(t, owners, RoleWatch)
	a := seedAccount(t, owners, "a@example.jp", 0)
	list := []uptime.SharedNetwork{
		{Prefix: netip.MustParsePrefix("198.51.100.0/24"), Name: "A network"}, {Prefix: netip.MustParsePrefix("2001:db8:1::/48"), Name: "Another"},
	}
	must(t, desk.SetSharedNetworks(t.Context(), list))
	got, err := desk.SharedNetworks(t.Context())
	if err != nil || !slices.Equal(got, list) {
		t.Errorf("list %v, %v", got, err)
	}
	var shared *uptime.SharedNetworkError
	for addr, name := range map[string]string{"198.51.100.255": "A network", "2001:db8:1:2::3": "Another"} {
		if _, err := db.CreateTarget(t.Context(), placed(a, "cdn.example.jp", "192.0.2.1", addr)); !errors.As(err, &shared) || shared.Name != name {
			t.Errorf("%s: %v", addr, err)
		}
	}
	register(t, db, placed(a, "origin.example.jp", "198.51.101.0", "2001:db8:2::"))
	must(t, desk.SetSharedNetworks(t.Context(), nil))
	register(t, db, placed(a, "cdn.example.jp", "198.51.100.255"))
}

func TestEighteenMonitorsAreOnAnAddressHoweverManyTry(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	three := func(n int) uptime.NewTarget {
		target := placed(a, fmt.Sprintf("h%d.example.jp", n), "192.0.2.1")
		target.TCP = []uint16{1, 2}
		return target
	}
	let := atOnce(t, uptime.ErrAddressFull, func(ctx context.Context, n int) error {
		_, err := db.CreateTarget(ctx, three(n))
		return err
	})
	if len(let) != 6 {
		t.Errorf("%d targets of three monitors", len(let))
	}
	target := one[int64](t, owners, `select min(id) from targets`)
	monitor := one[int64](t, owners, `select min(id) from monitors where target_id = $1`, target)
	must(t, db.DeleteMonitor(t.Context(), a, monitor))
	if let := atOnce(t, uptime.ErrAddressFull, func(ctx context.Context, n int) error {
		_, err := db.CreateMonitor(ctx, uptime.NewMonitor{AccountID: a, TargetID: target, Service: uptime.TCP, Port: uint16(1000 + n)})
		return err
	}); len(let) != 1 {
		t.Errorf("%d monitors had room, want 1", len(let))
	}
	if n := one[int](t, owners, `select count(*) from monitors`); n != uptime.MaxMonitorsOnAddress {
		t.Errorf("%d monitors", n)
	}
}

func TestMonitorsOfAllAccountsCountOnAnAddress(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), inRole(t, owners, RoleWatch)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	full := placed(a, "a.example.jp", "192.0.2.1")
	full.TCP = []uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	register(t, db, full)
	moved := register(t, db, placed(b, "b.example.jp", "198.51.100.1"))
	exec(t, owners, `update targets set pinned = '192.0.2.1', pinned_since = $2 where id = $1`, moved.ID, noon)
	must(t, work.SettleClaims(t.Context()))
	_, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: b, TargetID: moved.ID, Service: uptime.HTTP})
	want(t, uptime.ErrAddressFull, err)
}

func TestWhatNobodyHasIsGivenToTheOldestTargetThere(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), inRole(t, owners, RoleWatch)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	oldest, _ := seedTarget(t, owners, a, "192.0.2.1", uptime.Ping)
	later, _ := seedTarget(t, owners, b, "192.0.2.1", uptime.Ping)
	six, _ := seedTarget(t, owners, b, "2001:db8::1", uptime.Ping)
	named, _ := seedTarget(t, owners, b, "www.example.jp", uptime.Ping)
	exec(t, owners, `update targets set pinned = '192.0.2.7', pinned_since = $2 where id = $1`, named, noon)
	shared, _ := seedTarget(t, owners, b, "198.51.100.9", uptime.Ping)
	exec(t, owners, `insert into shared_networks values ('198.51.100.0/24', 'a network')`)
	for range 2 {
		must(t, work.SettleClaims(t.Context()))
	}
	got := one[string](t, owners, `select string_agg(target_id::text, ' ' order by target_id) from host_claims`)
	if want := fmt.Sprint(oldest, " ", six, " ", named, " ", shared); got != want {
		t.Errorf("hosts are of %s, want %s", got, want)
	}
	got = one[string](t, owners, `select string_agg(host(address) || '=' || account_id, ' ' order by address) from address_claims`)
	if want := fmt.Sprintf("192.0.2.1=%d 192.0.2.7=%d 2001:db8::1=%d", a, b, b); got != want {
		t.Errorf("addresses are of %s, want %s", got, want)
	}
	refused(t, uptime.ErrHostTaken, db, placed(a, "a.example.jp", "192.0.2.7"))
	must(t, db.DeleteTarget(t.Context(), a, oldest))
	must(t, work.SettleClaims(t.Context()))
	if n := one[int64](t, owners, `select target_id from host_claims where host = '192.0.2.1'`); n != later {
		t.Errorf("the host went to %d, want %d", n, later)
	}
}

func TestTheOperatorSeesCollisionsAndNothingChangesByThem(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), inRole(t, owners, RoleWatch)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	holder := register(t, db, placed(a, "a.example.jp", "192.0.2.1"))
	moved := register(t, db, placed(b, "b.example.jp", "198.51.100.1"))
	again, _ := seedTarget(t, owners, b, "a.example.jp", uptime.Ping) // of the time before claims
	clock.pass(time.Hour)
	exec(t, owners, `update targets set pinned = '192.0.2.1', pinned_since = $2 where id = $1`, moved.ID, clock.now())
	must(t, work.SettleClaims(t.Context()))
	all, err := work.Collisions(t.Context(), 10)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if k := all[0]; k.Kind != uptime.AddressCollision || k.Target.ID != moved.ID || k.Target.Email != "b@example.jp" || k.Holder.ID != holder.ID ||
		k.Address != netip.MustParseAddr("192.0.2.1") || !k.Since.Equal(clock.now()) || len(k.Target.Addresses) != 2 {
		t.Errorf("address %+v", k)
	}
	if k := all[1]; k.Kind != uptime.HostCollision || k.Target.ID != again || k.Holder.ID != holder.ID || k.Holder.AccountID != a || k.Address.IsValid() {
		t.Errorf("host %+v", k)
	}
	if n := one[int](t, owners, `select count(*) from monitor_states where state <> 1`); n != 0 {
		t.Errorf("%d monitors do not go on", n)
	}
	found, err := work.ClaimedTargets(t.Context(), "a.example.jp", uptime.Page{Limit: 10})
	if err != nil || len(found) != 2 || found[0].ID != holder.ID || found[1].ID != again || !found[0].DisplacedAt.IsZero() {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestCrowdsOnAnAddressAreCollisions(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), inRole(t, owners, RoleWatch)
	a := seedAccount(t, owners, "a@example.jp", 0)
	for n := range 2 { // names that did not resolve when they were registered
		target := placed(a, fmt.Sprintf("h%d.example.jp", n))
		target.TCP = []uint16{1, 2, 3, 4, 5, 6, 7, 8, 9}
		made := register(t, db, target)
		exec(t, owners, `update targets set pinned = '192.0.2.1', pinned_since = $2 where id = $1`, made.ID, noon)
	}
	must(t, work.SettleClaims(t.Context()))
	all, err := work.Collisions(t.Context(), 10)
	if err != nil || len(all) != 1 || all[0].Kind != uptime.CrowdCollision || all[0].Holder.ID != 0 || !strings.HasPrefix(all[0].Target.Host, "h0") {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAQuotaIsToldBeforeAFullAddress(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := claiming(t, owners)
	db.opts.Quotas = account.Quotas{Targets: 9, Monitors: 18, Contacts: 1}
	a := seedAccount(t, owners, "a@example.jp", 0)
	big := placed(a, "a.example.jp", "192.0.2.1")
	for p := range uint16(18) {
		big.TCP = append(big.TCP, p+1)
	}
	var quota *account.QuotaError
	if _, err := db.CreateTarget(t.Context(), big); !errors.As(err, &quota) {
		t.Errorf("%v", err)
	}
}
