package config

import (
	"slices"
	"strings"
)

const (
	countriesName = "HINOMI_ALLOWED_COUNTRIES"
	countryDBName = "HINOMI_COUNTRY_DB"
)

// countries reads in which countries hosts may stand: two-letter codes
// (ISO 3166-1), in the order of the alphabet. Without a list of addresses they
// could not be held, so that is a fault.
func (r *reader) countries(db string) (codes []string) {
	for _, v := range fields(r.text(countriesName, "")) {
		code := strings.ToUpper(v)
		if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			r.fault(countriesName, "%q is not a two-letter code such as JP", v)
			continue
		}
		codes = append(codes, code)
	}
	if len(codes) > 0 && db == "" {
		r.fault(countriesName, "needs %s: the file by which addresses are known to stand in a country (scripts/country-db installs one)", countryDBName)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
