package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// claimFault words why a host cannot be had; nil for other errors. Nothing in it
// tells who has the host, or whether it is the host or its address.
func claimFault(err error) *fault {
	var shared *uptime.SharedNetworkError
	switch {
	case errors.Is(err, uptime.ErrHostDenied):
		f := newFault(http.StatusUnprocessableEntity, "host_denied", "The DNS of this host says that nobody may watch it.")
		f.fields = []FieldFault{{Field: "host", Code: "host_denied", Message: f.detail}}
		return f
	case errors.Is(err, uptime.ErrProofRequired):
		return newFault(http.StatusForbidden, "proof_required", "This is watched once you have proven that the host is yours.")
	case errors.Is(err, uptime.ErrHostTaken):
		return newFault(http.StatusConflict, "host_taken", "This host or its address is watched by another account already.")
	case errors.As(err, &shared):
		text := fmt.Sprintf("This name stands behind a shared network (%s): watch the origin server instead.", shared.Name)
		return invalid(FieldFault{Field: "host", Code: "shared_network", Message: text})
	case errors.Is(err, uptime.ErrAddressFull):
		return newFault(http.StatusUnprocessableEntity, "address_full",
			fmt.Sprintf("At most %d monitors may be on one address.", uptime.MaxMonitorsOnAddress))
	}
	return nil
}

// SharedNetwork is a network in which many share an address.
type SharedNetwork struct {
	Prefix string `json:"prefix" validate:"required" example:"198.51.100.0/24"` // an address stands for itself alone
	Name   string `json:"name" validate:"required" maxLength:"100" example:"Example CDN"`
} //	@name	SharedNetwork

// SharedNetworkList is all of them, ascending by prefix.
type SharedNetworkList struct {
	Items []SharedNetwork `json:"items" validate:"required" maxItems:"1000"`
} //	@name	SharedNetworkList

// Bounds of a shared network.
const (
	maxSharedNetworks    = 1000
	maxSharedNetworkName = 100
	widestShared4        = 8 // a typing error must not refuse half of the internet
	widestShared6        = 16
)

// listSharedNetworks lists networks in which many share an address
//
//	@ID				listSharedNetworks
//	@Summary		Networks whose hosts may not be registered
//	@Description	For operators. Content delivery networks and shared hosting, where one address is of many.
//	@Tags			operator
//	@Security		bearer
//	@Success		200	{object}	SharedNetworkList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/shared-networks [get]
func (s *Server) listSharedNetworks(c *gin.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	networks, err := s.deps.ClaimDesk.SharedNetworks(c.Request.Context())
	if err != nil {
		return err
	}
	return read(c, newSharedNetworkList(networks))
}

func newSharedNetworkList(networks []uptime.SharedNetwork) SharedNetworkList {
	return SharedNetworkList{Items: each(networks, func(n uptime.SharedNetwork) SharedNetwork {
		return SharedNetwork{Prefix: n.Prefix.String(), Name: n.Name}
	})}
}

// setSharedNetworks replaces the list
//
//	@ID				setSharedNetworks
//	@Summary		Replace the networks whose hosts may not be registered
//	@Description	For operators. What is watched already stays.
//	@Tags			operator
//	@Security		bearer
//	@Param			body	body		SharedNetworkList	true	"all of them"
//	@Success		200		{object}	SharedNetworkList
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/shared-networks [put]
func (s *Server) setSharedNetworks(c *gin.Context) error {
	var req SharedNetworkList
	if err := decode(c, &req); err != nil {
		return err
	}
	networks, err := req.check()
	if err != nil {
		return err
	}
	if err := s.deps.ClaimDesk.SetSharedNetworks(c.Request.Context(), networks); err != nil {
		return err
	}
	if networks, err = s.deps.ClaimDesk.SharedNetworks(c.Request.Context()); err != nil {
		return err
	}
	return wrote(c, http.StatusOK, newSharedNetworkList(networks))
}

// check tells all faults at once, by their place in the list.
func (req SharedNetworkList) check() ([]uptime.SharedNetwork, error) {
	q := &query{}
	if req.Items == nil {
		q.fault("items", "required", "The list is missing.")
	}
	if len(req.Items) > maxSharedNetworks {
		q.fault("items", "too_many", fmt.Sprintf("At most %d networks.", maxSharedNetworks))
		return nil, q.err()
	}
	known := map[netip.Prefix]bool{}
	var networks []uptime.SharedNetwork
	for i, n := range req.Items {
		at := fmt.Sprintf("items[%d].", i)
		if n.Name == "" {
			q.fault(at+"name", "required", "The name is missing: people are told it.")
		}
		checkText(q, at+"name", n.Name, maxSharedNetworkName)
		prefix, ok := parseNetwork(n.Prefix)
		switch {
		case !ok:
			q.fault(at+"prefix", "malformed", "Write the network as 198.51.100.0/24 or 2001:db8::/32, with all bits behind its length 0.")
		case prefix.Addr().Is4() && prefix.Bits() < widestShared4, prefix.Addr().Is6() && prefix.Bits() < widestShared6:
			q.fault(at+"prefix", "out_of_range", fmt.Sprintf("The network is too large: at least /%d, of IPv6 /%d.", widestShared4, widestShared6))
		case known[prefix]:
			q.fault(at+"prefix", "repeated", "Each network must stand once.")
		}
		known[prefix] = true
		networks = append(networks, uptime.SharedNetwork{Prefix: prefix, Name: n.Name})
	}
	return networks, q.err()
}

// parseNetwork reads a prefix in its one spelling, or an address.
func parseNetwork(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" && !a.Is4In6() {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil && p == p.Masked() && !p.Addr().Is4In6()
}

// ClaimedTarget is whose a host is, for operators.
type ClaimedTarget struct {
	ID             int64     `json:"id" validate:"required"`
	Host           string    `json:"host" validate:"required" example:"www.example.jp"`
	HostDisplay    string    `json:"host_display" validate:"required"` // an IDN as people read it, else the same as host
	AccountID      int64     `json:"account_id" validate:"required"`
	Email          string    `json:"email" validate:"required"` // of the account
	CreatedAt      time.Time `json:"created_at" validate:"required" format:"date-time"`
	Held           bool      `json:"held" validate:"required"` // false: another account has got the host since, or may
	ProofState     string    `json:"proof_state" validate:"required" enums:"none,pending,proven,lost"`
	AllowedCountry bool      `json:"allowed_country" validate:"required"` // the operator allows the host whatever its country
	Addresses      []string  `json:"addresses" validate:"required"`       // where it is, as far as known
} //	@name	ClaimedTarget

func newClaimedTarget(t uptime.ClaimedTarget) ClaimedTarget {
	return ClaimedTarget{
		ID: t.ID, Host: t.Host, HostDisplay: displayHost(t.Host), AccountID: t.AccountID, Email: t.Email, CreatedAt: t.CreatedAt.UTC(),
		Held: t.DisplacedAt.IsZero(), ProofState: string(t.Proof), AllowedCountry: t.Allowed, Addresses: each(t.Addresses, netip.Addr.String),
	}
}

// ClaimedTargetList is a page of targets, ascending by id.
type ClaimedTargetList struct {
	Items      []ClaimedTarget `json:"items" validate:"required"`
	NextCursor *string         `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	ClaimedTargetList

// listClaimedTargets finds who watches a host
//
//	@ID				listClaimedTargets
//	@Summary		Who watches a host
//	@Description	For operators. Ascending by id. No results are shown.
//	@Tags			operator
//	@Security		bearer
//	@Param			host	query		string	true	"exactly this host"
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	ClaimedTargetList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/targets [get]
func (s *Server) listClaimedTargets(c *gin.Context) error {
	q := readQuery(c, "host", "limit", "cursor")
	p, host := q.page(), hostKey(q.text("host"))
	if host == "" {
		q.fault("host", "required", "The host is missing.")
	}
	if err := q.err(); err != nil {
		return err
	}
	targets, err := s.deps.ClaimDesk.ClaimedTargets(c.Request.Context(), host, p)
	if err != nil {
		return err
	}
	shown, more := cut(targets, p.Limit)
	list := ClaimedTargetList{Items: each(shown, newClaimedTarget)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// CollisionResponse is a target that could not be registered today.
type CollisionResponse struct {
	Kind    string         `json:"kind" validate:"required" enums:"host,address,crowd"` // another account has its host or its address; more monitors are on its address than may be
	Target  ClaimedTarget  `json:"target" validate:"required"`
	Holder  *ClaimedTarget `json:"holder" validate:"required" extensions:"x-nullable"`  // the other account's target; null of crowd
	Address *string        `json:"address" validate:"required" extensions:"x-nullable"` // null of host
	Since   time.Time      `json:"since" validate:"required" format:"date-time"`
} //	@name	Collision

// CollisionList is the newest collisions.
type CollisionList struct {
	Items []CollisionResponse `json:"items" validate:"required"`
} //	@name	CollisionList

// listCollisions lists where names have come to point to what others have
//
//	@ID				listCollisions
//	@Summary		Targets that are where they could not be registered today
//	@Description	For operators. Newest first. Nothing changes by itself: release one of the two, or let them be.
//	@Tags			operator
//	@Security		bearer
//	@Param			limit	query		int	false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Success		200		{object}	CollisionList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/collisions [get]
func (s *Server) listCollisions(c *gin.Context) error {
	q := readQuery(c, "limit")
	limit := q.limit()
	if err := q.err(); err != nil {
		return err
	}
	collisions, err := s.deps.ClaimDesk.Collisions(c.Request.Context(), limit)
	if err != nil {
		return err
	}
	return read(c, CollisionList{Items: each(collisions, newCollision)})
}

func newCollision(k uptime.Collision) CollisionResponse {
	r := CollisionResponse{Kind: k.Kind, Target: newClaimedTarget(k.Target), Since: k.Since.UTC()}
	if k.Holder.ID != 0 {
		holder := newClaimedTarget(k.Holder)
		r.Holder = &holder
	}
	if k.Address.IsValid() {
		r.Address = optional(k.Address.String())
	}
	return r
}

// releaseTarget takes a host from an account
//
//	@ID				releaseTarget
//	@Summary		Take a host from the account that has it
//	@Description	For operators. Its monitors stop, its contacts are mailed; whoever registers or proves the host next has it.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path	int	true	"target"
//	@Success		204	"released"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/targets/{id}/release [post]
func (s *Server) releaseTarget(c *gin.Context) error {
	return s.forget(c, func(ctx context.Context, id int64) error {
		account, err := s.deps.ClaimDesk.ReleaseTarget(ctx, id)
		if err == nil {
			actsOn(c, account)
		}
		return err
	})
}

func (s *Server) routeClaims(v1 *gin.RouterGroup) {
	v1.GET("/operator/shared-networks", s.quick(s.operating(s.listSharedNetworks)))
	v1.PUT("/operator/shared-networks", s.quick(s.operating(s.setSharedNetworks)))
	v1.GET("/operator/targets", s.quick(s.operating(s.listClaimedTargets)))
	v1.POST("/operator/targets/:id/release", s.quick(s.operating(s.releaseTarget)))
	v1.POST("/targets/:id/proof", s.stream(s.signedIn(s.proveTarget))) // the host is asked on the way
	v1.GET("/operator/collisions", s.quick(s.operating(s.listCollisions)))
}
