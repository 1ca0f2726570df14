package account

import (
	"errors"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on every machine
)

// Locale is a language that Hinomi speaks.
type Locale string

// The locales.
const (
	Japanese Locale = "ja"
	English  Locale = "en"
)

// Faults of what people enter.
var (
	ErrLocale = errors.New("the locale must be ja or en")
	ErrZone   = errors.New("not a time zone of the IANA database")
)

// ParseLocale reads the wire word.
func ParseLocale(s string) (Locale, error) {
	switch l := Locale(s); l {
	case Japanese, English:
		return l, nil
	}
	return "", ErrLocale
}

// maxZone bounds a zone's name; the longest of the database has 30.
const maxZone = 64

// ParseZone checks the name of a time zone such as Asia/Tokyo. "Local" and
// what could leave the database's directory is refused.
func ParseZone(s string) (string, error) {
	if s == "" || s == "Local" || len(s) > maxZone || strings.ContainsAny(s, `\. `) {
		return "", ErrZone
	}
	if _, err := time.LoadLocation(s); err != nil {
		return "", ErrZone
	}
	return s, nil
}
