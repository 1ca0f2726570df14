package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clockTick is the unit of the CPU times in /proc (sysconf _SC_CLK_TCK), which
// is 100 a second on every Linux.
const clockTick = 100

// process is what /proc tells of one.
type process struct {
	pid, parent int
	name        string
	cpu         float64 // seconds, with those of its ended children
	memory      int64   // proportional set size, bytes
}

func readProcess(pid int) (process, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	text := string(stat)
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	words := strings.Fields(text[end+1:]) // from the third field, the state, on
	p := process{pid: pid, name: text[open+1 : end]}
	p.parent, _ = strconv.Atoi(words[1])
	for _, w := range words[11:15] { // utime stime cutime cstime
		ticks, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return process{}, err
		}
		p.cpu += ticks / clockTick
	}
	return p, nil
}

// descendants lists a process's children, theirs, and so on.
func descendants(root int) []process {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	children := map[int][]process{}
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if p, err := readProcess(pid); err == nil {
			p.memory = pss(pid)
			children[p.parent] = append(children[p.parent], p)
		}
	}
	var all []process
	for todo := children[root]; len(todo) > 0; todo = todo[1:] {
		all = append(all, todo[0])
		todo = append(todo, children[todo[0].pid]...)
	}
	return all
}

// pss is the memory of a process with its share of what it shares.
func pss(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb * 1024
		}
	}
	return 0
}

// usage is what Hinomi and its database took.
type usage struct{ serverCPU, databaseCPU, serverMemory, databaseMemory float64 }

// usageOf reads the server's, and of all PostgreSQL processes below this one.
func usageOf(server int) (usage, error) {
	own, err := ownCPU(server)
	if err != nil {
		return usage{}, err
	}
	u := usage{serverCPU: own, serverMemory: float64(pss(server))}
	for _, d := range descendants(os.Getpid()) {
		if d.name == "postgres" {
			u.databaseCPU += d.cpu
			u.databaseMemory += float64(d.memory)
		}
	}
	return u, nil
}

// ownCPU leaves out ended children.
func ownCPU(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	text := string(stat)
	words := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	user, err := strconv.ParseFloat(words[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(words[12], 64)
	return (user + system) / clockTick, err
}
