// Package probe measures once: one address, one service, over one line. It
// returns facts, never verdicts.
//
// Engines are one goroutine each: a ping engine per source address, and one TCP
// engine. Their loop is always: read what has come, then declare timeouts, so
// that an answer that waits in a queue is never taken for silence.
package probe
