package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// mailedToken is a token with its code.
func (s *Server) mailedToken(life time.Duration) account.Token {
	return account.NewToken(s.cfg.Now().Add(life)).WithCode(s.cfg.JWTSecret)
}

// evenTime is how long an answer takes at least that must not tell whether an
// address is known: longer than the database works for any of them.
const evenTime = 100 * time.Millisecond

// evenly lets f take evenTime at least, or as long as ctx.
func evenly(ctx context.Context, f func() error) error {
	even := time.NewTimer(evenTime)
	defer even.Stop()
	err := f()
	select {
	case <-even.C:
	case <-ctx.Done():
	}
	return err
}

// MailedProof is what stood in a mail: the token of the link, or the code with
// the address that it was mailed to.
type MailedProof struct {
	Token string `json:"token"`
	Email string `json:"email"`
	Code  string `json:"code" example:"012 345"` // six digits
} //	@name	MailedProof

// proof is a MailedProof that was read: Hash of a token, or Try of a code.
type proof struct {
	hash  []byte
	email string
	try   account.CodeTry
}

// readProof tells what is missing. Whatever cannot be a code is a wrong one.
func (s *Server) readProof(p MailedProof) (proof, error) {
	switch {
	case p.Token != "" && p.Email+p.Code == "":
		hash, err := account.HashToken(p.Token)
		if err != nil {
			return proof{}, tokenInvalid()
		}
		return proof{hash: hash}, nil
	case p.Token != "":
		return proof{}, invalidField("token", "conflict", "Send either the token, or address and code.")
	case p.Email+p.Code == "":
		return proof{}, invalidField("token", "required", "The token is missing, or address and code.")
	case p.Email == "":
		return proof{}, invalidField("email", "required", "The address is missing.")
	case p.Code == "":
		return proof{}, invalidField("code", "required", "The code is missing.")
	}
	email, err := account.ParseEmail(strings.TrimSpace(p.Email))
	if err != nil {
		return proof{}, invalidField("email", "malformed", "This is not an e-mail address.")
	}
	try, err := account.ParseCode(s.cfg.JWTSecret, p.Code)
	if err != nil {
		return proof{}, codeWrong()
	}
	return proof{email: email, try: try}, nil
}

// CodeRequest carries the code that stood in a mail.
type CodeRequest struct {
	Code string `json:"code" validate:"required" example:"012 345"` // six digits
} //	@name	CodeRequest

func (s *Server) decodeCode(c *gin.Context) (account.CodeTry, error) {
	var req CodeRequest
	if err := decode(c, &req); err != nil {
		return account.CodeTry{}, err
	}
	if req.Code == "" {
		return account.CodeTry{}, invalidField("code", "required", "The code is missing.")
	}
	try, err := account.ParseCode(s.cfg.JWTSecret, req.Code)
	if err != nil {
		return account.CodeTry{}, codeWrong()
	}
	return try, nil
}

func codeWrong() error {
	return newFault(http.StatusUnprocessableEntity, "code_wrong", "The code is wrong, has expired or was tried too often. The link in the mail may still work.")
}

// tryCode holds a code against what was mailed to somebody. Failures count as
// those of sign-ins do, and for everybody together, so that the owner's new
// mails give nobody new guesses. Right or wrong takes as long.
func (s *Server) tryCode(c *gin.Context, who string, use func(ctx context.Context) error) error {
	key, now := strings.ToLower(who), s.cfg.Now()
	if wait, ok := s.throttles.codes.Take(key, now); !ok {
		return tooMany(wait)
	}
	succeeded, err := s.trySignIn(c, "code "+who)
	if err != nil {
		s.throttles.codes.GiveBack(key, now)
		return err
	}
	ctx := c.Request.Context()
	err = evenly(ctx, func() error { return use(ctx) })
	if errors.Is(err, uptime.ErrNotFound) {
		return codeWrong()
	}
	succeeded() // or we do not know
	s.throttles.codes.GiveBack(key, now)
	return err
}

// VerifiedResponse names the address that was verified.
type VerifiedResponse struct {
	Email string `json:"email" validate:"required"`
} //	@name	VerifiedResponse

// verifyAccount spends the token of a mailed link
//
//	@ID				verifyAccount
//	@Summary		Verify an account's address
//	@Description	By the token of the mailed link, or by address and code. It gets the password of the registration that the
//	@Description	mail belongs to. The address also becomes a verified contact.
//	@Tags			auth
//	@Param			body	body		MailedProof	true	"from the mail"
//	@Success		200		{object}	VerifiedResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; token_invalid: unknown, used or expired; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: wrong codes count as failures of sign-ins do, 10 an hour of an address from anywhere"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/verify [post]
func (s *Server) verifyAccount(c *gin.Context) error {
	var req MailedProof
	if err := decode(c, &req); err != nil {
		return err
	}
	p, err := s.readProof(req)
	if err != nil {
		return err
	}
	var a account.Account
	if p.hash != nil {
		a, err = s.deps.Accounts.VerifyAccount(c.Request.Context(), p.hash)
		err = spent(err)
	} else {
		err = s.tryCode(c, p.email, func(ctx context.Context) (err error) {
			a, err = s.deps.Accounts.VerifyAccountByCode(ctx, p.email, p.try)
			return err
		})
	}
	if err != nil {
		return err
	}
	isAbout(c, a.ID)
	return wrote(c, http.StatusOK, VerifiedResponse{Email: a.Email})
}

// TokenRequest carries the token of a mailed link.
type TokenRequest struct {
	Token string `json:"token" validate:"required"`
} //	@name	TokenRequest

func decodeToken(c *gin.Context) ([]byte, error) {
	var req TokenRequest
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	if req.Token == "" {
		return nil, invalidField("token", "required", "The token is missing.")
	}
	hash, err := account.HashToken(req.Token)
	if err != nil {
		return nil, tokenInvalid()
	}
	return hash, nil
}

func tokenInvalid() error {
	return newFault(http.StatusUnprocessableEntity, "token_invalid", "The link is not valid: it was used, has expired or was replaced by a newer one.")
}

// spent words a token that the store does not know.
func spent(err error) error {
	if errors.Is(err, uptime.ErrNotFound) {
		return tokenInvalid()
	}
	return err
}

// mailTo owes a mail with a token to an address that somebody typed without
// signing in. It takes as long and answers the same whoever has the address.
func (s *Server) mailTo(c *gin.Context, typed string, owe func(context.Context, string, account.Token) error, life time.Duration) error {
	email, err := account.ParseEmail(strings.TrimSpace(typed))
	if err != nil {
		return invalidField("email", "malformed", "This is not an e-mail address.")
	}
	if err := s.once(c, s.throttles.mail); err != nil {
		return err
	}
	ctx := c.Request.Context()
	return evenly(ctx, func() error { return owe(ctx, email, s.mailedToken(life)) })
}

// ResendRequest asks for the link once more.
type ResendRequest struct {
	Email string `json:"email" validate:"required"`
} //	@name	ResendRequest

// resendVerification mails the link once more
//
//	@ID				resendVerification
//	@Summary		Mail the link that verifies an account's address again
//	@Description	Answers the same whether or not the address waits for verification.
//	@Tags			auth
//	@Param			body	body	ResendRequest	true	"whose"
//	@Success		204		"taken"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		429		{object}	Problem	"too_many_requests: 10 an hour from an address"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/resend [post]
func (s *Server) resendVerification(c *gin.Context) error {
	var req ResendRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := s.mailTo(c, req.Email, s.deps.Accounts.ResendVerification, account.SignUpLife); err != nil {
		return err
	}
	return done(c)
}
