package api

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// contactIDs is a member that may be left out, null, or a list.
type contactIDs struct {
	given bool
	ids   []int64
}

// UnmarshalJSON takes null (everybody) and a list of one to account.MaxContacts
// ids, each once.
func (v *contactIDs) UnmarshalJSON(text []byte) error {
	*v = contactIDs{given: true}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(text, &v.ids); err != nil {
		return invalidField("contact_ids", "malformed", "contact_ids must be null or a list of ids of contacts.")
	}
	sorted := slices.Sorted(slices.Values(v.ids))
	switch {
	case len(sorted) == 0:
		return invalidField("contact_ids", "required", "Name one contact at least, or null for all.")
	case len(sorted) > account.MaxContacts:
		return invalidField("contact_ids", "too_many", "These are too many contacts.")
	case len(slices.Compact(sorted)) < len(v.ids):
		return invalidField("contact_ids", "repeated", "A contact is named twice.")
	}
	return nil
}

// MarshalJSON is the inverse.
func (v contactIDs) MarshalJSON() ([]byte, error) { return json.Marshal(v.ids) }

// readTargetPatch reads the body of a PATCH.
func readTargetPatch(c *gin.Context) (p uptime.TargetPatch, err error) {
	var req TargetPatch
	if err := decode(c, &req); err != nil {
		return p, err
	}
	q := &query{}
	checkWords(q, req.Label, req.Notes)
	p.WordsPatch = uptime.WordsPatch{Label: req.Label, Notes: req.Notes}
	if req.ContactIDs.given {
		p.ContactIDs = &req.ContactIDs.ids
	}
	return p, q.err()
}

// namedContacts is nil, which is null, for everybody.
func namedContacts(t uptime.Target) []int64 {
	if len(t.ContactIDs) == 0 {
		return nil
	}
	return t.ContactIDs
}
