package account

import (
	_ "embed" // of the texts
	"time"
)

// TermsVersion names the terms that Hinomi brings: the day on which they came
// into force. Change it whenever the texts change their meaning.
const TermsVersion = "2026-11-22"

// The terms of use and privacy, in a small subset of Markdown: headings with
// "## ", items with "- ", paragraphs between empty lines.
var (
	//go:embed terms_ja.md
	termsJapanese string

	//go:embed terms_en.md
	termsEnglish string
)

// TermsText is a version of the terms in both languages.
type TermsText struct {
	Version string // the day on which they come into force, as 2026-11-22
	Ja, En  string
}

// StandardTerms are those that hold until operators publish their own.
func StandardTerms() TermsText {
	return TermsText{Version: TermsVersion, Ja: termsJapanese, En: termsEnglish}
}

// TermsAt are the terms in force at a time, of those that operators have
// published, ascending by version: the last whose day (UTC) has come.
func TermsAt(published []TermsText, now time.Time) TermsText {
	day, in := now.UTC().Format(time.DateOnly), StandardTerms()
	for _, t := range published {
		if t.Version <= day {
			in = t
		}
	}
	return in
}
