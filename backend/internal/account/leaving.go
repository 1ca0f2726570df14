package account

import "errors"

// AddressChange asks for another sign-in address.
type AddressChange struct {
	AccountID    int64
	PasswordHash string // that was checked
	NewAddress   string // checked by ParseEmail
}

// ErrLastOperator says that others would be left without an operator.
var ErrLastOperator = errors.New("the last operator cannot leave")
