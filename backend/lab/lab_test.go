//go:build lab

package lab

import (
	"database/sql"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"os"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

func TestMain(m *testing.M) {
	if os.Getuid() != 0 {
		fmt.Fprintln(os.Stderr, "lab: needs root: run scripts/lab test as root")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestLab: the instruments themselves. The capture sees a connection and from
// where it came; the receiving server stores a mail that the tests can read.
func TestLab(t *testing.T) {
	freshSets(t)
	const host = "219.101.16.200"
	seen := startCapture(t, "edge/core0")
	for _, source := range []string{lineA, lineB} {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: 2 * time.Second}
		conn, err := dialer.Dial("tcp", host+":80")
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	var probes []request
	until(t, 5*time.Second, "both connections in the capture", func() (bool, string) {
		probes = seen.probes(netip.MustParseAddr(host), 80, time.Second)
		return len(probes) == 2, fmt.Sprint(probes)
	})
	if probes[0].src.String() != lineA || probes[1].src.String() != lineB {
		t.Errorf("captured %v", probes)
	}
	if age := time.Since(probes[0].at); age < 0 || age > 5*time.Second {
		t.Errorf("captured %v ago", age)
	}

	to := uniqueContact("lab")
	at := time.Date(2026, 11, 22, 3, 5, 0, 0, time.UTC)
	message := "Message-ID: <1@lab>\r\nSubject: =?utf-8?q?DOWN_=C3=976?=\r\nX-Hinomi-Event: anomaly; host=h; service=http; at=2026-11-22T03:05:00Z\r\n" +
		"X-Hinomi-Event: stopped; host=h; service=ping;\r\n at=2026-11-22T03:05:00Z\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n"
	if err := smtp.SendMail("211.9.3.1:25", nil, "lab@"+zone, []string{to}, []byte(message)); err != nil {
		t.Fatal(err)
	}
	got := letters(t, to)
	if len(got) != 1 || got[0].subject != "DOWN ×6" || got[0].messageID != "<1@lab>" || got[0].body != "a=b\n" && got[0].body != "a=b\r\n" {
		t.Fatalf("stored %+v", got)
	}
	want := []event{{"anomaly", "h", "http", at}, {"stopped", "h", "ping", at}}
	if fmt.Sprint(got[0].events) != fmt.Sprint(want) {
		t.Errorf("events %v, want %v", got[0].events, want)
	}
}

// TestProxy: a commit that is cut is done, and its client does not know.
func TestProxy(t *testing.T) {
	t.Parallel()
	p := startProxy(t, postgres(t))
	db, err := sql.Open("postgres", "postgres://postgres@"+p.listener.Addr().String()+"/hinomi?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("create table recorder_progress (node text, batch int); insert into recorder_progress values ('n', 0)"); err != nil {
		t.Fatal(err)
	}
	write := func(statement string, args ...any) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
		if _, err := tx.Exec(statement, args...); err != nil {
			return err
		}
		return tx.Commit()
	}
	p.cutNext()
	if err := write("update recorder_progress_other set batch = 1"); err == nil || p.cutSoFar() != 0 {
		t.Fatalf("%v, %d cut: this wrote no results", err, p.cutSoFar())
	}
	if err := write("update recorder_progress set batch = $2 where node = $1", "n", 7); err == nil || p.cutSoFar() != 1 {
		t.Fatalf("the cut commit gave %v, %d cut", err, p.cutSoFar())
	}
	var batch int
	if err := db.QueryRow("select batch from recorder_progress").Scan(&batch); err != nil || batch != 7 {
		t.Fatalf("after the cut: batch %d, %v", batch, err)
	}
	p.setAway(true)
	if err := db.Ping(); err == nil {
		t.Error("the database answers although it is away")
	}
	p.setAway(false)
	if err := db.Ping(); err != nil {
		t.Errorf("the database is back: %v", err)
	}
}
