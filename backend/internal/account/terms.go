package account

import _ "embed" // of the texts

// TermsVersion names the terms that are accepted now: the day on which they
// came into force. Change it whenever the texts change their meaning.
const TermsVersion = "2026-11-22"

// The terms of use and privacy, in a small subset of Markdown: headings with
// "## ", items with "- ", paragraphs between empty lines.
var (
	//go:embed terms_ja.md
	termsJapanese string

	//go:embed terms_en.md
	termsEnglish string
)

// Terms gives the text in a language.
func Terms(l Locale) string {
	if l == Japanese {
		return termsJapanese
	}
	return termsEnglish
}
