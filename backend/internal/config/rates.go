package config

import (
	"net/url"
	"strconv"
	"strings"
)

// Rates are how many calls are taken in a minute; 0 is no limit.
type Rates struct {
	Session   int // of one session
	Token     int // of one API token
	Downloads int // reports of one account
	Probes    int // "probe now" of one monitor
}

// maxRate bounds each of Rates.
const maxRate = 1_000_000

const ratesName = "HINOMI_RATE_LIMITS"

// rates reads words such as session=600; what is not named keeps its standard.
func (r *reader) rates() Rates {
	all := Rates{Session: 600, Token: 60, Downloads: 10, Probes: 1}
	places := map[string]*int{"session": &all.Session, "token": &all.Token, "downloads": &all.Downloads, "probes": &all.Probes}
	for _, word := range fields(r.text(ratesName, "")) {
		name, value, _ := strings.Cut(word, "=")
		place := places[name]
		n, err := strconv.Atoi(value)
		if place == nil || err != nil || n < 0 || n > maxRate {
			r.fault(ratesName, "%q must be session=, token=, downloads= or probes= and a number from 0 (no limit) to %d", word, maxRate)
			continue
		}
		*place = n
	}
	return all
}

const originsName = "HINOMI_CORS_ORIGINS"

// origins are whole and exact: scheme, host and port, as browsers send them
// (RFC 6454 §6.2).
func (r *reader) origins() (origins []string) {
	for _, v := range fields(r.text(originsName, "")) {
		u, err := url.Parse(v)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(v, "*") || v != u.Scheme+"://"+strings.ToLower(u.Host) {
			r.fault(originsName, "%q is not an origin such as https://status.example.jp, in small letters and without a path", v)
			continue
		}
		if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
			r.fault(originsName, "%q: browsers leave the standard port out, so leave it out too", v)
			continue
		}
		origins = append(origins, v)
	}
	return origins
}
