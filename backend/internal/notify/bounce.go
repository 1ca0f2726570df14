package notify

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
)

// bouncedError says that a server will never take mail for the address.
type bouncedError struct {
	answer string // of the server, one line
	cause  error
}

func (e bouncedError) Error() string   { return fmt.Sprintf("%v: %v", errRefused, e.cause) }
func (e bouncedError) Unwrap() []error { return []error{errRefused, e.cause} }

// refusal finds out whom an answer of 5xx is about. That to MAIL is about us.
// So are enhanced codes of other subjects than addresses and mailboxes (RFC 3463
// §3: x.1.x and x.2.x): a relay that does not like us must not stop everybody's
// alerts.
func refusal(failed *mail.SendError, err error) error {
	if code := failed.EnhancedStatusCode(); failed.Reason == mail.ErrSMTPMailFrom ||
		code != "" && !strings.HasPrefix(code, "5.1.") && !strings.HasPrefix(code, "5.2.") || senderAtFault(failed) {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return bouncedError{answer: answerOf(failed), cause: err}
}

// senderAtFault: codes of addresses that are about the sender's (5.1.7, 5.1.8),
// and replies that ask for a sign-in (RFC 4954).
func senderAtFault(failed *mail.SendError) bool {
	switch failed.EnhancedStatusCode() {
	case "5.1.7", "5.1.8":
		return true
	}
	switch failed.ErrorCode() {
	case 530, 534, 535, 538:
		return true
	}
	return false
}

// answerOf is what the server said, without what go-mail puts around it.
func answerOf(failed *mail.SendError) string {
	answer := strings.TrimPrefix(failed.Error(), failed.Reason.String()+": ")
	for _, more := range []string{", affected recipient(s): ", ", affected message ID: "} {
		answer, _, _ = strings.Cut(answer, more)
	}
	code, said, _ := strings.Cut(answer, " ")
	if plain, err := strconv.Unquote(said); err == nil {
		said = plain
	}
	return oneLine(code + " " + said)
}
