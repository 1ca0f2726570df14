package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ResultResponse is what one probe found.
type ResultResponse struct {
	CheckedAt time.Time `json:"checked_at" validate:"required" format:"date-time"` // the probe's start, to the millisecond
	Status    string    `json:"status" validate:"required" enums:"ok,ng,wr,err,unknown"`
	Reason    string    `json:"reason" validate:"required" enums:"reply,connected,refused,host_unreachable,net_unreachable,port_unreachable,admin_prohibited,ttl_exceeded,icmp_other,timeout,dns_not_found,dns_no_address,dns_failed,forbidden_address,line_down,no_route,source_unavailable,dns_unavailable,overload,internal"`
	Line      *string   `json:"line" validate:"required" extensions:"x-nullable"`    // its name
	RTTUS     *int64    `json:"rtt_us" validate:"required" extensions:"x-nullable"`  // microseconds until the answer
	Address   *string   `json:"address" validate:"required" extensions:"x-nullable"` // that was probed
} //	@name	Result

// ResultList is a page of results, oldest first.
type ResultList struct {
	Items      []ResultResponse `json:"items" validate:"required"`
	NextCursor *string          `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	ResultList

func (s *Server) newResultResponse(r uptime.Result) ResultResponse {
	out := ResultResponse{
		CheckedAt: r.At.UTC(), Status: r.Status().String(), Reason: r.Reason.String(),
		Line: optional(s.deps.Lines.LineName(r.Line)), RTTUS: roundTrip(r.Sample),
	}
	if r.Addr.IsValid() {
		out.Address = optional(r.Addr.String())
	}
	return out
}

// listResults lists what the probes of a monitor found
//
//	@ID				listResults
//	@Summary		Results of a monitor
//	@Description	Those with from ≤ checked_at < to, oldest first. Without `from`: today and the nine calendar days before, in
//	@Description	the account's zone.
//	@Tags			reports
//	@Security		bearer
//	@Param			id		path		int		true	"monitor"
//	@Param			from	query		string	false	"RFC 3339"	Format(date-time)
//	@Param			to		query		string	false	"RFC 3339"	Format(date-time)
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	ResultList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/results [get]
func (s *Server) listResults(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	q := readQuery(c, "from", "to", "limit", "cursor")
	rq := uptime.ResultQuery{Span: q.span(s.tenDays(a)), Limit: q.limit() + 1}
	if after := q.cursor(2); after != nil {
		rq.After = uptime.ResultMark{At: time.UnixMilli(after[0]).UTC(), Seen: int(after[1])}
	}
	if err := q.err(); err != nil {
		return err
	}
	results, err := s.deps.History.Results(c.Request.Context(), a.ID, m.ID, rq)
	if err != nil {
		return err
	}
	shown, more := cut(results, rq.Limit)
	list := ResultList{Items: each(shown, s.newResultResponse)}
	if more {
		mark := nextMark(rq.After, shown)
		list.NextCursor = makeCursor(mark.At.UnixMilli(), int64(mark.Seen))
	}
	return read(c, list)
}

// tenDays is the report's period for an account. Its end lies a little ahead:
// results of this very second belong to it.
func (s *Server) tenDays(a account.Account) uptime.Span {
	now := s.cfg.Now()
	span := uptime.ReportSpan(now, a.Location())
	span.To = now.Add(time.Second)
	return span
}

// nextMark is where a page that is not empty ended.
func nextMark(before uptime.ResultMark, page []uptime.Result) uptime.ResultMark {
	last := uptime.ResultMark{At: page[len(page)-1].At}
	for i := len(page) - 1; i >= 0 && page[i].At.Equal(last.At); i-- {
		last.Seen++
	}
	if last.Seen == len(page) && before.At.Equal(last.At) {
		last.Seen += before.Seen
	}
	return last
}
