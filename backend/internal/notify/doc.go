// Package notify mails what the recorder owes to people.
//
// The database says what is due, so that a restart loses nothing:
//
//	delivery ──form──▶ mail, due ──claim──▶ being sent ──250──▶ sent
//	                     ▲                       │
//	                     └── 4xx, time-out, no connection: later
//	                                             └── 5xx, or a day old: given up
//
// What a mail holds is settled when it is formed, and its Message-ID derives
// from the mail's id: a mail whose 250 we did not live to record comes again
// as the same mail. A contact has one unfinished mail at most, which keeps the
// order.
package notify
