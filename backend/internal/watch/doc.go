// Package watch is the watchman: it knows when each monitor is due and over
// which line, hands probes to the prober and results to the recorder.
//
//	tick (1 s, gocron) → wheel (due) → lane (paced to 10 ms) → prober
//	                                                             │ finding
//	              recorder ◀─ batches ◀─ queue ◀─ guard ◀────────┘
//
// Nothing here is a goroutine per monitor, and nothing knows a protocol.
package watch
