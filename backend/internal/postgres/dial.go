package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/lib/pq"
)

// errAddress stands for lib/pq's and net/url's words, which may quote a part of
// the password.
var errAddress = errors.New("the database's address (DATABASE_URL) cannot be read: it must be like " +
	"postgres://user:password@host:5432/name?sslmode=require, with / : @ # ? % in the password written as %2F %3A %40 %23 %3F %25")

func readAddress(url string) (pq.Config, error) {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return pq.Config{}, errAddress
	}
	return cfg, nil
}

// Hosts gives the names and addresses of the servers of a connection string or
// URL; a server behind a Unix socket has none.
func Hosts(url string) (hosts []string, err error) {
	cfg, err := readAddress(url)
	if err != nil {
		return nil, err
	}
	servers := append([]pq.ConfigMultihost{{Host: cfg.Host, Hostaddr: cfg.Hostaddr}}, cfg.Multi...)
	for _, s := range servers {
		switch {
		case s.Hostaddr.IsValid():
			hosts = append(hosts, s.Hostaddr.String())
		case s.Host != "" && !strings.HasPrefix(s.Host, "/") && !strings.HasPrefix(s.Host, "@"):
			hosts = append(hosts, bareHost(s.Host))
		}
	}
	return hosts, nil
}

// bareHost takes off what lib/pq leaves on a URL's host: the brackets of an IPv6
// address, and the port of one of several hosts.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// dialer makes connections on which the server must answer in time. lib/pq
// does not end a read when its context ends but asks the server to cancel; a
// server that is frozen or cut off would hold the caller for ever.
type dialer struct {
	answer time.Duration // the longest wait for the next bytes of an answer
}

// DialContext implements pq.DialerContext.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var plain net.Dialer
	c, err := plain.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn{c, d.answer}, nil
}

// Dial is what pq.Dialer asks for; lib/pq prefers DialContext.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is what pq.Dialer asks for; lib/pq prefers DialContext.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

type conn struct {
	net.Conn
	answer time.Duration
}

func (c conn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.answer)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.answer)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
