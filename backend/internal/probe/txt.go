package probe

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// texts gives the TXT records of a name, each joined of its strings; none if
// the name does not exist. An error says that the name's servers fail.
func (r *resolver) texts(ctx context.Context, line uptime.LineID, name string) (texts []string, err error) {
	if len(name) > maxName {
		return nil, nil // no such name can be
	}
	ctx, cancel := context.WithTimeout(ctx, resolveBudget)
	defer cancel()
	err = r.askAll(ctx, line, inquiry{name, dnsmessage.TypeTXT, func(b []byte) (bool, error) {
		owner, records, truncated, err := readRecords(b, name, dnsmessage.TypeTXT)
		if err == nil {
			texts, err = followTexts(records, owner)
		}
		return truncated, err
	}})
	if errors.Is(err, errNoSuchName) {
		return nil, nil
	}
	return texts, err
}

// followTexts follows the CNAMEs of an answer to the texts at their end.
func followTexts(records []dnsmessage.Resource, name dnsmessage.Name) (texts []string, err error) {
	for range maxCNAMEs {
		var next *dnsmessage.Name
		for _, rr := range records {
			if !strings.EqualFold(rr.Header.Name.String(), name.String()) {
				continue
			}
			switch body := rr.Body.(type) {
			case *dnsmessage.TXTResource:
				texts = append(texts, strings.Join(body.TXT, ""))
			case *dnsmessage.CNAMEResource:
				next = &body.CNAME
			}
		}
		if len(texts) > 0 || next == nil {
			return texts, nil
		}
		name = *next
	}
	return nil, errServers // a loop
}
