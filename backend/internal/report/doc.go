// Package report makes up the ten days of a monitor and writes downloads as
// streams: a monitor at a time, a day of it in memory.
package report
