package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDescriptionIsUpToDate(t *testing.T) {
	if err := run(filepath.Join("..", ".."), true); err != nil {
		t.Error(err)
	}
}

func TestAFileThatIsNotUpToDateIsFound(t *testing.T) {
	name := filepath.Join(t.TempDir(), "openapi.json")
	if err := keep(name, []byte("{}\n"), true); err == nil {
		t.Error("a missing file passed")
	}
	if err := keep(name, []byte("{}\n"), false); err != nil {
		t.Fatal(err)
	}
	if err := keep(name, []byte("{}\n"), true); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(name, []byte("{ }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keep(name, []byte("{}\n"), true); err == nil || !strings.Contains(err.Error(), "not up to date") {
		t.Errorf("an old file: %v", err)
	}
}
