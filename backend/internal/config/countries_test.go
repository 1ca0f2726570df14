package config

import (
	"slices"
	"strings"
	"testing"
)

// readWith reads an environment of only these.
func readWith(env map[string]string) (Config, error) {
	return Read(func(name string) string { return env[name] })
}

func TestCountriesAreTwoLetterCodes(t *testing.T) {
	t.Parallel()
	c, err := readWith(map[string]string{countriesName: "jp, KR,JP", countryDBName: "/srv/country.mmdb"})
	if err != nil || !slices.Equal(c.AllowedCountries, []string{"JP", "KR"}) || c.CountryDB != "/srv/country.mmdb" {
		t.Errorf("%v %q, %v", c.AllowedCountries, c.CountryDB, err)
	}
	for _, bad := range []string{"JPN", "J", "日本", "J1", "JP,Japan"} {
		_, err := readWith(map[string]string{countriesName: bad, countryDBName: "/srv/country.mmdb"})
		if err == nil || !strings.Contains(err.Error(), countriesName) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCountriesWithoutAFileAreRefusedNamingBoth(t *testing.T) {
	t.Parallel()
	_, err := readWith(map[string]string{countriesName: "JP"})
	if err == nil || !strings.Contains(err.Error(), countriesName) || !strings.Contains(err.Error(), countryDBName) {
		t.Errorf("got %v", err)
	}
	if _, err := readWith(map[string]string{countryDBName: "/srv/country.mmdb"}); err != nil {
		t.Errorf("a file alone: %v", err)
	}
	if c, err := readWith(nil); err != nil || c.AllowedCountries != nil {
		t.Errorf("neither: %v, %v", c.AllowedCountries, err)
	}
}
