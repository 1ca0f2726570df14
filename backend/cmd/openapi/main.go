// Command openapi makes the description of the API from the comments of the
// handlers. Run it in backend/:
//
//	go run ./cmd/openapi          writes the files
//	go run ./cmd/openapi -check   fails if they are not up to date
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if a file is not up to date")
	flag.Parse()
	if err := run(".", *check); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

// run makes the files of the module in dir.
func run(dir string, check bool) error {
	asJSON, err := generate(filepath.Join(dir, "internal", "api"))
	if err != nil {
		return err
	}
	asYAML, err := yaml.JSONToYAML(asJSON)
	if err != nil {
		return fmt.Errorf("write yaml: %w", err)
	}
	for name, content := range map[string][]byte{
		filepath.Join(dir, "..", "openapi", "openapi.json"):           asJSON,
		filepath.Join(dir, "..", "openapi", "openapi.yaml"):           asYAML,
		filepath.Join(dir, "internal", "api", "spec", "openapi.json"): asJSON, // that the server serves
	} {
		if err := keep(name, content, check); err != nil {
			return err
		}
	}
	return nil
}

// keep writes a file, or checks that it is as it would be written.
func keep(name string, content []byte, check bool) error {
	if check {
		old, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		if !bytes.Equal(old, content) {
			return fmt.Errorf("%s is not up to date: run `go run ./cmd/openapi` in backend/", name)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return os.WriteFile(name, content, 0o644)
}
