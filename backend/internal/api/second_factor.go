package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// factorProof is what somebody shows for the second factor, besides the
// password; one of them is enough.
type factorProof struct {
	totp     string // of the authenticator
	recovery string // a recovery code
}

func (p factorProof) empty() bool { return p.totp == "" && p.recovery == "" }

var (
	errFactorMissing = errors.New("the second factor is missing")
	errFactorWrong   = errors.New("the second factor is wrong or was used")
)

// takeFactor spends what somebody shows for the second factor, if the account
// has one. errFactorMissing and errFactorWrong are for the caller to word.
// Wrong ones are counted for the account, wherever they come from: whoever gets
// here knows the password, and a million codes are few.
func (s *Server) takeFactor(ctx context.Context, a account.Account, p factorProof) error {
	if a.SecondFactorAt.IsZero() {
		return nil
	}
	if p.empty() {
		return errFactorMissing
	}
	now, who := s.cfg.Now(), strconv.FormatInt(a.ID, 10)
	if wait, ok := s.throttles.secondFactor.Take(who, now); !ok {
		return tooMany(wait)
	}
	err := s.spendFactor(ctx, a.ID, p)
	if errors.Is(err, uptime.ErrNotFound) {
		return errFactorWrong
	}
	s.throttles.secondFactor.GiveBack(who, now) // it was right, or we do not know
	return err
}

// spendFactor is uptime.ErrNotFound for what is wrong or was used.
func (s *Server) spendFactor(ctx context.Context, accountID int64, p factorProof) error {
	if p.totp == "" {
		hash, err := account.HashRecoveryCode(p.recovery)
		if err != nil {
			return uptime.ErrNotFound
		}
		return s.deps.SecondFactors.TakeRecoveryCode(ctx, accountID, hash)
	}
	known, err := s.deps.SecondFactors.SecondFactor(ctx, accountID)
	if err != nil {
		return err
	}
	step, ok := s.matchTOTP(ctx, accountID, known.Sealed, p.totp)
	if !ok {
		return uptime.ErrNotFound
	}
	return s.deps.SecondFactors.TakeStep(ctx, accountID, step)
}

// matchTOTP finds the time step of a code. A secret that does not open matches
// nothing: its owner has recovery codes, which need no key.
func (s *Server) matchTOTP(ctx context.Context, accountID int64, sealed []byte, code string) (step int64, ok bool) {
	secret, err := s.sealer.Open(accountID, sealed)
	if err != nil {
		s.log.ErrorContext(ctx, "a second factor cannot be read: was the service's secret changed?", "account", accountID, "error", err)
		return 0, false
	}
	return account.MatchTOTP(secret, code, s.cfg.Now())
}

// signInFault words for who signs in what is wrong with the second factor.
func signInFault(err error) error {
	switch {
	case errors.Is(err, errFactorMissing):
		return newFault(http.StatusUnauthorized, "totp_required", "The password is right. Send the code of your authenticator as totp, or a recovery_code, along.")
	case errors.Is(err, errFactorWrong):
		return newFault(http.StatusUnauthorized, "totp_wrong", "The code is wrong or was used. Wait for the next one.")
	}
	return err
}

func factorWrong() error {
	return newFault(http.StatusUnprocessableEntity, "code_wrong", "The code is wrong or was used. Wait for the next one.")
}

// confirmFactor asks whoever is signed in for the second factor once more, if
// the account has one. Failures count as those of sign-ins do.
func (s *Server) confirmFactor(c *gin.Context, a account.Account, p factorProof) error {
	if a.SecondFactorAt.IsZero() {
		return nil
	}
	if p.empty() {
		return newFault(http.StatusUnprocessableEntity, "totp_required", "Send the code of your authenticator or a recovery code along.")
	}
	succeeded, err := s.trySignIn(c, a.Email)
	if err != nil {
		return err
	}
	err = s.takeFactor(c.Request.Context(), a, p)
	if errors.Is(err, errFactorWrong) {
		return factorWrong()
	}
	succeeded()
	return err
}
