package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ProofTask is what to publish to prove that a host is one's own, either of the
// two.
type ProofTask struct {
	DNSName     *string `json:"dns_name" validate:"required" extensions:"x-nullable" example:"_hinomi.www.example.jp"` // of a TXT record; null for an address
	DNSValue    *string `json:"dns_value" validate:"required" extensions:"x-nullable" example:"hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye"`
	HTTPURL     string  `json:"http_url" validate:"required" example:"http://www.example.jp/.well-known/hinomi-k5hmycyzzyxxiw4wvoq3ydfbye.txt"`
	HTTPContent string  `json:"http_content" validate:"required" example:"hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye"`
} //	@name	ProofTask

func newProofTask(c uptime.Challenge) ProofTask {
	t := ProofTask{HTTPURL: c.URL(), HTTPContent: c.Text()}
	if name := c.Name(); name != "" {
		t.DNSName, t.DNSValue = &name, optional(c.Text())
	}
	return t
}

// ProofResponse is whether a host is proven to be the account's, and how it can
// be.
type ProofResponse struct {
	State     string     `json:"state" validate:"required" enums:"none,pending,proven,lost"` // none: nobody has looked; pending: it was not found
	Method    *string    `json:"method" validate:"required" extensions:"x-nullable" enums:"dns,http"`
	ProvenAt  *time.Time `json:"proven_at" validate:"required" format:"date-time" extensions:"x-nullable"`  // since when without a break
	CheckedAt *time.Time `json:"checked_at" validate:"required" format:"date-time" extensions:"x-nullable"` // last look; weekly while it is proven

	DNSName     *string `json:"dns_name" validate:"required" extensions:"x-nullable" example:"_hinomi.www.example.jp"` // of a TXT record; null for an address
	DNSValue    *string `json:"dns_value" validate:"required" extensions:"x-nullable" example:"hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye"`
	HTTPURL     string  `json:"http_url" validate:"required" example:"http://www.example.jp/.well-known/hinomi-k5hmycyzzyxxiw4wvoq3ydfbye.txt"`
	HTTPContent string  `json:"http_content" validate:"required" example:"hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye"`
} //	@name	Proof

func newProofResponse(p uptime.Proof) ProofResponse {
	task := newProofTask(p.Challenge)
	return ProofResponse{
		State: string(p.State), Method: optional(p.Method), ProvenAt: stamp(p.ProvenAt), CheckedAt: stamp(p.CheckedAt),
		DNSName: task.DNSName, DNSValue: task.DNSValue, HTTPURL: task.HTTPURL, HTTPContent: task.HTTPContent,
	}
}

// proveWithin bounds a look for a proof over all lines.
const proveWithin = 25 * time.Second

// proveTarget looks whether a host is the account's own
//
//	@ID				proveTarget
//	@Summary		Prove that a host is yours
//	@Description	Looks for the TXT record and for the file now, and answers what was found; takes some seconds. A host that
//	@Description	another account has without proof is yours then. A file is fetched from every address of the host, port 80,
//	@Description	without following redirections. While it is proven it is looked at weekly.
//	@Tags			targets
//	@Security		bearer
//	@Param			id	path		int	true	"target"
//	@Success		200	{object}	TargetResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"host_taken: another account has proven the host too; not_needed: everybody is trusted here; halted"
//	@Failure		422	{object}	Problem	"host_denied"
//	@Failure		429	{object}	Problem	"too_many_requests: once a minute"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/targets/{id}/proof [post]
func (s *Server) proveTarget(c *gin.Context, a account.Account) error {
	t, err := s.target(c, a)
	if err != nil {
		return err
	}
	if s.freely() || s.deps.Owners == nil {
		return newFault(http.StatusConflict, "not_needed", "Everybody is trusted here: nothing needs to be proven.")
	}
	if err := s.mustNotBeHalted(); err != nil {
		return err
	}
	if wait, ok := s.throttles.proofs.Take(strconv.FormatInt(t.ID, 10), s.cfg.Now()); !ok {
		return tooMany(wait)
	}
	looking, cancel := context.WithTimeout(c.Request.Context(), proveWithin)
	defer cancel()
	found := s.deps.Owners.Owner(looking, t.Proof.Challenge)
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	t, err = s.deps.ProofDesk.Prove(ctx, a.ID, t.ID, found)
	if err != nil {
		return err
	}
	if found.Denied {
		return uptime.ErrHostDenied
	}
	return wrote(c, http.StatusOK, s.newTargetResponse(t))
}

// takeOver registers a host that another account has, if it is proven to be the
// asker's; else it says what to publish. The answer is the same whoever has it.
func (s *Server) takeOver(ctx context.Context, t uptime.NewTarget) (uptime.Target, error) {
	if s.deps.Owners == nil {
		return uptime.Target{}, uptime.ErrHostTaken
	}
	asking, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	challenge, err := s.deps.ProofDesk.Challenge(asking, t.AccountID, t.Host)
	if err != nil {
		return uptime.Target{}, err
	}
	if s.mustNotBeHalted() != nil {
		return uptime.Target{}, taken(challenge)
	}
	if _, ok := s.throttles.takeOvers.Take(strconv.FormatInt(t.AccountID, 10), s.cfg.Now()); !ok {
		return uptime.Target{}, taken(challenge)
	}
	looking, cancel := context.WithTimeout(ctx, proveWithin)
	defer cancel()
	found := s.deps.Owners.Owner(looking, challenge)
	if found.Denied {
		return uptime.Target{}, uptime.ErrHostDenied
	}
	if found.Method() == "" {
		return uptime.Target{}, taken(challenge)
	}
	writing, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	made, err := s.deps.ProofDesk.CreateProven(writing, t, found)
	if errors.Is(err, uptime.ErrHostTaken) {
		return made, taken(challenge)
	}
	return made, err
}

// taken is the answer to who wants a host that another account has.
func taken(c uptime.Challenge) error {
	f := claimFault(uptime.ErrHostTaken)
	f.proof = optional(newProofTask(c))
	return f
}
