package main

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// pool connects as a part of the service does.
func pool(t *testing.T, url string, role postgres.Role) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(url, postgres.Options{Role: role, StatementTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// What the watchman is told and what people then see, over the real database
// and in the roles that the service has.
func TestAHostThatMovesAbroadIsStoppedForItsOwnerToSee(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	if _, err := pool(t, url, postgres.Owner).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	people, work := pool(t, url, postgres.RoleAPI), pool(t, url, postgres.RoleWatch)
	a, err := people.RegisterOperator(t.Context(), account.Registration{
		Email: "a@example.jp", PasswordHash: "x", Locale: account.Japanese, Zone: "Asia/Tokyo", TermsVersion: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := people.CreateTarget(t.Context(), uptime.NewTarget{AccountID: a.ID, Host: "www.example.jp", Services: []uptime.Service{uptime.Ping, uptime.HTTP}})
	if err != nil {
		t.Fatal(err)
	}
	p := places{heldTo(t, world(t)).countries, work}
	gone := move("8.8.8.8")
	gone.TargetID = made.ID
	for range 2 { // its monitors are looked up at about the same time
		if ok, err := p.MayStand(t.Context(), gone); ok || err != nil {
			t.Fatalf("may stand %v, %v", ok, err)
		}
	}
	got, err := people.Target(t.Context(), a.ID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Monitors {
		if m.Standing.State != uptime.Stopped {
			t.Errorf("%s is %s", m.Service, m.Standing.State)
		}
	}
	mails, err := work.ClaimMails(t.Context(), time.Now(), time.Minute, 10)
	if err != nil || len(mails) != 1 || mails[0].Kind != uptime.CountryMail || mails[0].Notice.Country != "US" || len(mails[0].Notice.Monitors) != 2 {
		t.Errorf("mails %+v, %v", mails, err)
	}
	if _, err := work.AllowHost(t.Context(), gone.Host); err != nil {
		t.Fatal(err)
	}
	if ok, err := p.MayStand(t.Context(), gone); !ok || err != nil {
		t.Errorf("allowed by the operator: %v, %v", ok, err)
	}
	if err := (places{p.rule, people}).check(t.Context(), gone.Host, gone.Addr); err != nil {
		t.Errorf("as the API asks: %v", err)
	}
}
