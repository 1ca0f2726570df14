package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const linesName = "HINOMI_LINES"

var lineName = regexp.MustCompile(`^[a-z0-9-]{1,16}$`)

// maxLines bounds the lines of an installation; ids of a byte are shared with
// lines that existed before.
const maxLines = 16

// lines reads HINOMI_LINES:
//
//	a=192.0.2.10,2001:db8::10 dev=ppp0 shown=203.0.113.7 label=回線A; b=198.51.100.20 mark=2
//
// Lines are split by ";", options by spaces. Not set is one line "default".
func (r *reader) lines(policy string) []uptime.Line {
	text := r.text(linesName, "")
	if text == "" {
		return []uptime.Line{{Name: "default"}}
	}
	var lines []uptime.Line
	for _, part := range strings.Split(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		line := r.line(words)
		if slices.ContainsFunc(lines, func(l uptime.Line) bool { return l.Name == line.Name }) {
			r.fault(linesName, "two lines are named %q", line.Name)
		}
		r.checkShown(line, policy)
		lines = append(lines, line)
	}
	if len(lines) == 0 || len(lines) > maxLines {
		r.fault(linesName, "must have 1 to %d lines", maxLines)
	}
	return lines
}

// line reads one line's words: name=addresses, then options.
func (r *reader) line(words []string) uptime.Line {
	name, sources, _ := strings.Cut(words[0], "=")
	line := uptime.Line{Name: name}
	if !lineName.MatchString(name) {
		r.fault(linesName, "the name %q must be 1 to 16 of a-z, 0-9 and -", name)
	}
	for _, s := range fields(sources) {
		addr, ok := r.address(s)
		switch {
		case !ok:
		case addr.Is4() && !line.Source4.IsValid():
			line.Source4 = addr
		case addr.Is6() && !line.Source6.IsValid():
			line.Source6 = addr
		default:
			r.fault(linesName, "line %q has two source addresses of one family", name)
		}
	}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		r.lineOption(&line, key, value)
	}
	if !line.Bound() && line.Mark == 0 {
		r.fault(linesName, "line %q needs a source address, dev= or mark=", name)
	}
	return line
}

func (r *reader) lineOption(line *uptime.Line, key, value string) {
	switch key {
	case "dev":
		if value == "" || len(value) > 15 || strings.ContainsAny(value, "/ ") {
			r.fault(linesName, "dev=%s of line %q is not the name of a device", value, line.Name)
		}
		line.Device = value
	case "mark":
		mark, err := strconv.ParseUint(value, 0, 32)
		if err != nil || mark == 0 {
			r.fault(linesName, "mark=%s of line %q must be a number from 1", value, line.Name)
		}
		line.Mark = uint32(mark)
	case "label":
		line.Label = value
	case "shown":
		for _, s := range fields(value) {
			if addr, ok := r.address(s); ok {
				line.Shown = append(line.Shown, addr)
			}
		}
	default:
		r.fault(linesName, "line %q has an unknown option %q (there are dev, mark, shown and label)", line.Name, key)
	}
}

func (r *reader) address(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Is4In6() || addr.Zone() != "" {
		r.fault(linesName, "%q is not an IP address", s)
		return netip.Addr{}, false
	}
	return addr, true
}

// checkShown refuses to tell strangers to open their firewalls for a private
// address.
func (r *reader) checkShown(line uptime.Line, policy string) {
	if policy != PolicyPublic || len(line.Shown) > 0 {
		return
	}
	for _, addr := range []netip.Addr{line.Source4, line.Source6} {
		if addr.IsValid() && (addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast()) {
			r.fault(linesName, "line %q sends from the private address %s: add shown=… with the address that the internet sees, or set HINOMI_TARGET_POLICY=any", line.Name, addr)
		}
	}
}
