package config

import (
	"strings"
	"testing"
)

func TestProofIsRequiredIfTheOperatorSaysSo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "off": false, "always": true} {
		if c, err := readWith(map[string]string{"HINOMI_REQUIRE_PROOF": text}); err != nil || c.RequireProof != want {
			t.Errorf("%q: %v, %v", text, c.RequireProof, err)
		}
	}
	for _, bad := range []map[string]string{
		{"HINOMI_REQUIRE_PROOF": "yes"}, {"HINOMI_REQUIRE_PROOF": "always", "HINOMI_TARGET_POLICY": "any"},
	} {
		if _, err := readWith(bad); err == nil || !strings.Contains(err.Error(), "HINOMI_REQUIRE_PROOF") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
