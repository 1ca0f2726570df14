// Package lab holds the end-to-end tests: the real hinomi binary, a real
// PostgreSQL, a real receiving SMTP server and real targets in the network
// namespaces that scripts/lab builds. The tests speak to the binary as a
// stranger would, by its documented REST API, and check its answers against
// what a capture on the targets' side saw.
//
// They need the build tag "lab" and are run by scripts/lab.
package lab
