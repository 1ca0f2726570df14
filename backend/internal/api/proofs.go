package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Proofs knows whose hosts are proven to be theirs.
type Proofs interface {
	// Proven tells it of a target. uptime.ErrNotFound if the account has none such.
	Proven(ctx context.Context, accountID, targetID int64) (bool, error)
}

// policyAny is the target policy under which everybody is trusted.
const policyAny = "any"

// freely tells whether hosts may be watched in any way without proof.
func (s *Server) freely() bool { return s.cfg.TargetPolicy == policyAny }

func proofRequired(detail string) error {
	return newFault(http.StatusForbidden, "proof_required", detail)
}

// needProof refuses what only the proven owner of a host may do.
func (s *Server) needProof(ctx context.Context, accountID, targetID int64, detail string) error {
	if s.freely() {
		return nil
	}
	if s.deps.Proofs == nil {
		return proofRequired(detail)
	}
	proven, err := s.deps.Proofs.Proven(ctx, accountID, targetID)
	if err != nil {
		return err
	}
	if !proven {
		return proofRequired(detail)
	}
	return nil
}

// maxServices bounds what is watched on a host from the start.
const maxServices = 16

const serviceWords = "ping, http, ftp, pop3, smtp, dns, or tcp with a port as in tcp:8443"

// checkServices reads the services of a new target.
func checkServices(q *query, names []string) (services []uptime.Service, ports []uint16) {
	if len(names) == 0 {
		q.fault("services", "required", "Choose at least one service.")
	}
	if len(names) > maxServices {
		q.fault("services", "too_many", "At most 16 services at once.")
		return nil, nil
	}
	for _, name := range names {
		e, err := uptime.ParseEndpoint(name)
		switch {
		case err != nil && (name == "tcp" || strings.HasPrefix(name, "tcp:")):
			q.fault("services", "port", "Write the port of tcp, 1 to 65535, as in tcp:8443.")
		case err != nil:
			q.fault("services", "not_one_of", "The services must be "+serviceWords+".")
		case slices.Contains(services, e.Service), e.Service == uptime.TCP && slices.Contains(ports, e.Port):
			q.fault("services", "repeated", "Each service must stand once.")
		case e.Service == uptime.TCP:
			ports = append(ports, e.Port)
		default:
			services = append(services, e.Service)
		}
	}
	return services, ports
}

// checkService reads the service of a new monitor: only tcp takes a port, and
// needs one.
func checkService(q *query, name string, port *int) uptime.Endpoint {
	service, err := uptime.ParseService(name)
	if err != nil {
		q.fault("service", "not_one_of", "The service must be "+serviceWords+".")
		return uptime.Endpoint{}
	}
	e := uptime.Endpoint{Service: service, Port: service.Port()}
	switch {
	case service != uptime.TCP:
		if port != nil && *port != int(e.Port) {
			q.fault("port", "not_for_service", "Only tcp has a port of your choice.")
		}
	case port == nil:
		q.fault("port", "required", "The port is missing.")
	case *port < 1 || *port > 65535:
		q.fault("port", "out_of_range", "The port must be 1 to 65535.")
	default:
		e.Port = uint16(*port)
	}
	return e
}

// stopAfter is a member that may be left out, null, or 0.
type stopAfter struct {
	given bool
	keep  bool
}

// errStopAfter is told as any value of the wrong type.
func errStopAfter() error {
	return invalidField("stop_after", "not_one_of", "stop_after must be 0 or null.")
}

// UnmarshalJSON takes 0 (keep watching) and null (as everybody).
func (v *stopAfter) UnmarshalJSON(text []byte) error {
	switch {
	case bytes.Equal(text, []byte("null")):
		*v = stopAfter{given: true}
	case bytes.Equal(text, []byte("0")):
		*v = stopAfter{given: true, keep: true}
	default:
		return errStopAfter()
	}
	return nil
}

// MarshalJSON is the inverse.
func (v stopAfter) MarshalJSON() ([]byte, error) {
	if v.keep {
		return []byte("0"), nil
	}
	return json.Marshal(nil)
}
