package account

import "encoding/json"

// ExportPage is some rows of one table of an account's export.
type ExportPage struct {
	Rows []json.RawMessage // an object each
	Next string            // begins the page that follows; "" if this was the last
}
