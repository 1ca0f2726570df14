// Package uptime is the core of Hinomi: what a monitor is, what a probe can
// find, and when a run of findings becomes an alert. It is pure: no I/O, no
// clock, standard library only; `now` is always an argument.
//
// A monitor's life (State) and what is known of its service (Verdict):
//
//	          2 failures                4 failures
//	pending ─────────────▶ down ─────────────────────▶ (state stopped)
//	   │ ▲                 │  ▲                              │
//	   │ └── resume ───────┼──┼──────────────────────────────┘
//	   │ 2 successes       │  │ 2 failures
//	   ▼      2 successes  ▼  │
//	   up ◀────────────────┘  │
//	    └─────────────────────┘
package uptime
