// Command hinomi watches servers from outside: it serves the page and the API,
// probes, judges, and mails. It is the composition root: it alone knows every
// part.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // accounts' zones, also where the system has none

	"github.com/hinomi-watch/hinomi/backend/internal/config"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version = ""

const usage = `hinomi watches servers from outside.

  hinomi serve      serve the page and the API, probe, judge and mail
  hinomi migrate    bring the database up to date, then end
  hinomi version    print the version
  hinomi operator grant EMAIL     make an account an operator, also while the service runs
  hinomi operator revoke EMAIL    make it an ordinary account again

All settings come from the environment; see README.
`

// gcPercent lets garbage grow to twice what is held before it is
// collected, unless GOGC says otherwise: most of the memory is the monitors', and
// looking through it costs more than a probe does.
const gcPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hinomi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	command := "help"
	if len(args) > 0 {
		command = args[0]
	}
	if len(args) > 1 && command != "operator" {
		command = strings.Join(args, " ")
	}
	switch command {
	case "version":
		_, err := fmt.Fprintln(out, buildVersion())
		return err
	case "serve", "migrate", "operator":
	default:
		_, _ = io.WriteString(out, usage)
		if command == "help" {
			return nil
		}
		return fmt.Errorf("there is no command %q", command)
	}
	cfg, err := config.Read(os.Getenv)
	if err != nil {
		return fmt.Errorf("the settings cannot be used:\n%w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	switch command {
	case "migrate":
		return migrate(ctx, cfg, log, out)
	case "operator":
		return operator(ctx, cfg, log, out, args[1:])
	}
	return serve(ctx, cfg, log, out)
}

// buildVersion is what the build said, else the module's version.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

var errDatabaseEnded = errors.New("the embedded PostgreSQL ended; its log lines stand above")
