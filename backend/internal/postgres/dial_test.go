package postgres

import (
	"slices"
	"testing"
)

func TestTheHostsOfAConnectionStringAreFound(t *testing.T) {
	for url, want := range map[string][]string{
		"postgres://hinomi:secret@db.example.jp:5432/hinomi":           {"db.example.jp"},
		"postgres://hinomi@[2001:db8::5]/hinomi":                       {"2001:db8::5"},
		"host=db.example.jp hostaddr=203.0.113.5 user=h dbname=h":      {"203.0.113.5"},
		"postgres://h@a.example.jp:1,b.example.jp:2/h?sslmode=disable": {"a.example.jp", "b.example.jp"},
		"host=/run/postgresql user=h dbname=h":                         nil,
	} {
		got, err := Hosts(url)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", url, got, err, want)
		}
	}
	if _, err := Hosts("postgres://h@a.example.jp/h?sslmode=perhaps"); err == nil {
		t.Error("a connection string with a fault has hosts")
	}
}
