// Command bench measures Hinomi: how many probes a second it makes and records
// and at what cost, how long sign-ins take meanwhile, and how many bytes a result
// takes. Run it by scripts/bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to measure: speed, signin or bytes")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "speed":
		var o speedOptions
		o.register(flags)
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return speed(ctx, o)
	case "signin":
		var o signinOptions
		o.register(flags)
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return signin(ctx, o)
	case "bytes":
		var o bytesOptions
		o.register(flags)
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return bytesPerResult(ctx, o)
	case "peer": // the listener of speed, in a process of its own
		return peer(args[1:])
	case "floor": // the bare loop that speed compares with, too
		return floor(args[1:])
	}
	return fmt.Errorf("there is no measurement %q: speed, signin or bytes", args[0])
}
