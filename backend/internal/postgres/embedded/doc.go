// Package embedded runs a PostgreSQL server as a child process, for an
// installation that has no database server of its own. It never downloads
// anything: it uses the binaries that it finds on the machine.
//
//	Lock ─ PrepareDataDir ─ Start ──┬─ URL, Done
//	                                └─ Stop (fast shutdown)
//
// The server listens on a unix socket only, in a directory that nobody else can
// enter. As root it runs as "postgres", else "nobody": PostgreSQL refuses root.
// It dies with its parent, however that ends. What an earlier, killed run has
// left behind is waited for and then ended; data is never initialised over.
package embedded
