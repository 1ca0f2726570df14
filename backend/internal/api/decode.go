package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// maxBody bounds a request's body, in bytes.
const maxBody = 64 << 10

// maxDepth bounds the nesting of a body; ours have two levels.
const maxDepth = 16

func malformed(detail string) error {
	return newFault(http.StatusBadRequest, "malformed_json", detail)
}

// decode reads the body into v and insists on one JSON object of valid UTF-8
// with known members, each once.
func decode(c *gin.Context, v any) error {
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		return newFault(http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return newFault(http.StatusRequestEntityTooLarge, "body_too_large", "The body must have at most 64 KiB.")
	case err != nil:
		return malformed("The body did not arrive whole.")
	case !utf8.Valid(body):
		return malformed("The body is not valid UTF-8.")
	case halfCharacter(body):
		return malformed("The body has half of a surrogate pair.")
	}
	if err := checkShape(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return decodeFault(d.Decode(v))
}

// decodeFault names the member at fault. encoding/json has no kind for an
// unknown one, only the message.
func decodeFault(err error) error {
	if err == nil {
		return nil
	}
	var own *fault
	if errors.As(err, &own) { // of a member that reads itself
		return own
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return invalidField(wrong.Field, "wrong_type", "The value has the wrong type.")
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return unknownMember(strings.Trim(name, `"`))
	}
	return malformed("The body is not valid JSON.")
}

func unknownMember(name string) error {
	return invalidField(name, "unknown_field", "There is no such member here.")
}

// checkShape finds what encoding/json would let through: members given twice,
// names in another case, several values, deep nesting, anything but an object.
func checkShape(body []byte) error {
	if !json.Valid(body) {
		return malformed("The body is not valid JSON.")
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); trimmed[0] != '{' {
		return malformed("The body must be a JSON object.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	var open []map[string]bool // members so far, per open object; nil for arrays
	name := false              // the next token is a member's name
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return malformed("The body is not valid JSON.")
		}
		switch delim, isDelim := token.(json.Delim); {
		case isDelim && (delim == '{' || delim == '['):
			open = append(open, map[json.Delim]map[string]bool{'{': {}}[delim])
			if len(open) > maxDepth {
				return malformed("The body is nested too deeply.")
			}
		case isDelim:
			open = open[:len(open)-1]
		case name:
			if err := checkMember(open[len(open)-1], token); err != nil {
				return err
			}
			name = false
			continue
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

func checkMember(seen map[string]bool, token json.Token) error {
	name, _ := token.(string)
	if seen[name] {
		return malformed("A member stands twice in the body.")
	}
	seen[name] = true
	if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return unknownMember(name)
	}
	return nil
}

// halfCharacter finds an escape such as \ud800 that is not one of a pair
// (RFC 8259 §8.2), which encoding/json would replace silently.
func halfCharacter(body []byte) bool {
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if body[i+1] != 'u' {
			i++ // whatever is escaped, another backslash too
			continue
		}
		first := escaped(body[i:])
		i += len(`\u0000`) - 1
		if !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, escaped(body[min(i+1, len(body)):])) == utf8.RuneError {
			return true
		}
		i += len(`\u0000`)
	}
	return false
}

// escaped reads an escape at the start of b; 0 if there is none.
func escaped(b []byte) rune {
	if len(b) < len(`\u0000`) || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}
