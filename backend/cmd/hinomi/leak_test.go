package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
)

// asProgram makes this test's binary be the program.
const asProgram = "HINOMI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// secretValues are told to every program of these tests; none may be printed.
func secretValues() map[string]string {
	return map[string]string{
		"signing key":       "9f2c81e07b5d4a63c0de17f4a8b35296",
		"set-up code":       "umbrella-kettle-17-lantern",
		"mail password":     "Mp7-qv2Zk-mail",
		"database password": "Dp9-wx4Yt-data",
	}
}

// printout keeps what a program prints. It is read once the program has ended.
type printout struct {
	text    bytes.Buffer
	greeted chan struct{} // closed by the greeting's last line
	once    sync.Once
}

func (p *printout) Write(b []byte) (int, error) {
	n, err := p.text.Write(b)
	if strings.Contains(p.String(), "Make the first account:") {
		p.once.Do(func() { close(p.greeted) })
	}
	return n, err
}

func (p *printout) String() string { return p.text.String() }

// program is hinomi in an environment of its own, with all that it prints.
func program(t *testing.T, command string, env map[string]string) (*exec.Cmd, *printout) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, command)
	dir := t.TempDir()
	values := secretValues()
	all := map[string]string{
		asProgram: "1", "HOME": dir, "PATH": os.Getenv("PATH"), "HINOMI_DATA_DIR": filepath.Join(dir, "data"),
		"HINOMI_ADDR": "127.0.0.1:0", "HINOMI_ADMIN_ADDR": "off", "HINOMI_TARGET_POLICY": "any", "HINOMI_LOG_LEVEL": "debug",
		"HINOMI_JWT_SECRET": values["signing key"], "HINOMI_SETUP_CODE": values["set-up code"], "HINOMI_MAIL_FROM": "watch@example.jp",
		"HINOMI_SMTP_URL": "smtp://watch:" + values["mail password"] + "@127.0.0.1:9/?tls=off",
		"DATABASE_URL":    "postgres://hinomi:" + values["database password"] + "@127.0.0.1:9/hinomi?sslmode=disable",
	}
	for k, v := range env {
		all[k] = v
	}
	for k, v := range all {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out := &printout{greeted: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func leaksNothing(t *testing.T, what, printed string) {
	t.Helper()
	for name, v := range secretValues() {
		if strings.Contains(printed, v) {
			t.Errorf("%s: the %s stands in\n%s", what, name, printed)
		}
	}
}

func TestStartsThatFailPrintNoSecrets(t *testing.T) {
	t.Parallel()
	v := secretValues()
	for what, env := range map[string]map[string]string{
		"nobody at the database":     {},
		"a malformed database":       {"DATABASE_URL": "postgres://hinomi:" + v["database password"] + "@[::1/hinomi"},
		"a database of key words":    {"DATABASE_URL": "host=127.0.0.1 port=9 user=hinomi password=" + v["database password"] + " sslmode=disable"},
		"an unknown database option": {"DATABASE_URL": "postgres://hinomi:" + v["database password"] + "@127.0.0.1:9/hinomi?sslmode=perhaps"},
		"a malformed mail server":    {"HINOMI_SMTP_URL": "smtp://watch:" + v["mail password"] + "@mail example:25"},
		"another kind of server":     {"HINOMI_SMTP_URL": "http://watch:" + v["mail password"] + "@mail.example.jp"},
		"an unknown mail option":     {"HINOMI_SMTP_URL": "smtp://watch:" + v["mail password"] + "@mail.example.jp?tls=" + v["mail password"]},
		"a bad interval":             {"HINOMI_INTERVAL": "soon"},
	} {
		for _, command := range []string{"serve", "migrate"} {
			t.Run(command+" "+what, func(t *testing.T) {
				t.Parallel()
				cmd, out := program(t, command, env)
				if err := cmd.Run(); err == nil || out.String() == "" {
					t.Errorf("%v, printed %q", err, out)
				}
				leaksNothing(t, what, out.String())
			})
		}
	}
}

// freeAddr is where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// begin starts a service and waits until it greets; stop ends it.
func begin(t *testing.T, cmd *exec.Cmd, out *printout) (stop func()) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-out.greeted:
	case err := <-ended: // at the latest when program's minute is over
		t.Fatalf("not ready: %v\n%s", err, out)
	}
	return func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("ended with %v\n%s", err, out)
		}
	}
}

// register makes the first account with a set-up code.
func register(t *testing.T, addr, code string, want int) {
	t.Helper()
	const body = `{"email":"a@example.jp","password":"correct horse battery","locale":"ja","time_zone":"Asia/Tokyo","accept_terms":%q,"setup_code":%q}`
	if got := status(t, "POST", "http://"+addr+"/api/v1/auth/register", fmt.Sprintf(body, account.TermsVersion, code)); got != want {
		t.Errorf("register: %d instead of %d", got, want)
	}
}

// A service that runs, is asked rightly and wrongly, and cannot reach its mail
// server tells nobody its secrets, nor does the list of processes.
func TestARunningServicePrintsNoSecrets(t *testing.T) {
	t.Parallel()
	addr, code := freeAddr(t), secretValues()["set-up code"]
	cmd, out := program(t, "serve", map[string]string{"HINOMI_ADDR": addr, "DATABASE_URL": pgtest.URL(t), "HINOMI_DIGEST_WINDOW": "0s"})
	stop := begin(t, cmd, out)
	register(t, addr, code+"x", http.StatusForbidden)
	register(t, addr, code, http.StatusCreated)
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	leaksNothing(t, "the list of processes", string(args))
	stop()
	leaksNothing(t, "a service that runs", out.String())
	if !strings.Contains(out.String(), "HINOMI_SETUP_CODE") {
		t.Errorf("it did not greet:\n%s", out)
	}
}

func status(t *testing.T, method, url, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}
