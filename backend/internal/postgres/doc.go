// Package postgres keeps everything that Hinomi must not forget: migrations,
// the queries behind the API, the recorder with its nightly job, and the
// outbox of mails.
//
// All times are UTC, cut to the millisecond. Every query of a tenant's data
// takes the account id, and row-level security is the second net: DB.as. Every write is keyed so that a repeat does nothing:
// database/sql may run a statement twice when a connection breaks
// (lib/pq#939), and a client may repeat a request that had no answer.
//
// A result's way through the tables:
//
//	monitor_states.buffer ──▶ sample_chunks ──▶ sample_days
//	  (12 newest samples)      (full buffers)    (nightly, one row a day)
package postgres
