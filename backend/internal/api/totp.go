package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// TOTPResponse tells whether a sign-in asks for a second factor.
type TOTPResponse struct {
	Enabled           bool       `json:"enabled" validate:"required"`
	EnabledAt         *time.Time `json:"enabled_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	RecoveryCodesLeft int        `json:"recovery_codes_left" validate:"required" example:"10"`
} //	@name	TOTP

// getTOTP tells about the second factor
//
//	@ID			getTOTP
//	@Summary	Second factor
//	@Tags		me
//	@Security	bearer
//	@Success	200	{object}	TOTPResponse
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/me/totp [get]
func (s *Server) getTOTP(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	known, err := s.deps.SecondFactors.SecondFactor(c.Request.Context(), a.ID)
	if err != nil && !errors.Is(err, uptime.ErrNotFound) {
		return err
	}
	return read(c, TOTPResponse{Enabled: !known.EnabledAt.IsZero(), EnabledAt: stamp(known.EnabledAt), RecoveryCodesLeft: known.CodesLeft})
}

// TOTPRequest begins to set a second factor up.
type TOTPRequest struct {
	Password string `json:"password" validate:"required"`
} //	@name	TOTPRequest

// TOTPSecretResponse is what an authenticator needs (RFC 6238: SHA-1, 6 digits,
// 30 s).
type TOTPSecretResponse struct {
	Secret string `json:"secret" validate:"required" example:"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"` // base32
	URI    string `json:"uri" validate:"required" example:"otpauth://totp/Hinomi:ops@example.jp?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hinomi"`
} //	@name	TOTPSecret

// proposeTOTP makes a secret for an authenticator
//
//	@ID				proposeTOTP
//	@Summary		Begin to set a second factor up
//	@Description	Answers a new secret for an authenticator. Nothing changes until a code of it comes by POST /me/totp/enable.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body		TOTPRequest	true	"the password"
//	@Success		200		{object}	TOTPSecretResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"conflict: a second factor is on"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/totp [post]
func (s *Server) proposeTOTP(c *gin.Context, a account.Account) error {
	var req TOTPRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if _, err := s.provePassword(c, a, req.Password); err != nil {
		return err
	}
	secret := account.NewTOTPSecret()
	err := s.deps.SecondFactors.ProposeSecondFactor(c.Request.Context(), a.ID, s.sealer.Seal(a.ID, secret))
	if err != nil {
		return factorConflict(err)
	}
	return wrote(c, http.StatusOK, TOTPSecretResponse{Secret: account.TOTPSecretText(secret), URI: account.TOTPAddress(a.Email, secret)})
}

func factorConflict(err error) error {
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "conflict", "A second factor is on already.")
	}
	return err
}

// TOTPCodeRequest carries a code of the authenticator.
type TOTPCodeRequest struct {
	Code string `json:"code" validate:"required" example:"123456"`
} //	@name	TOTPCodeRequest

// RecoveryCodesResponse is shown once.
type RecoveryCodesResponse struct {
	RecoveryCodes []string `json:"recovery_codes" validate:"required" example:"k3nq-7wpa-zx2m-4ytd-b6hc-vl5e"` // each is good once
} //	@name	RecoveryCodes

// enableTOTP turns the second factor on
//
//	@ID				enableTOTP
//	@Summary		Turn the second factor on
//	@Description	By a code of the secret that POST /me/totp gave last. Ends all other sessions at once.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body		TOTPCodeRequest	true	"the code"
//	@Success		200		{object}	RecoveryCodesResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"conflict: it is on, or was not begun"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/totp/enable [post]
func (s *Server) enableTOTP(c *gin.Context, a account.Account) error {
	var req TOTPCodeRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if !account.IsTOTP(req.Code) {
		return factorWrong()
	}
	ctx := c.Request.Context()
	known, err := s.deps.SecondFactors.SecondFactor(ctx, a.ID)
	switch {
	case errors.Is(err, uptime.ErrNotFound):
		return newFault(http.StatusConflict, "conflict", "Begin with POST /me/totp.")
	case err != nil:
		return err
	case !known.EnabledAt.IsZero():
		return factorConflict(uptime.ErrConflict)
	}
	succeeded, err := s.trySignIn(c, a.Email)
	if err != nil {
		return err
	}
	step, ok := s.matchTOTP(ctx, a.ID, known.Sealed, req.Code)
	if !ok {
		return factorWrong()
	}
	succeeded()
	codes := account.NewRecoveryCodes()
	err = s.deps.SecondFactors.EnableSecondFactor(ctx, account.SecondFactorChange{
		AccountID: a.ID, Sealed: known.Sealed, Step: step, CodeHashes: hashesOf(codes), KeepSession: s.currentSession(c),
	})
	s.sessions.forgetAccount(a.ID)
	if err != nil {
		return factorConflict(err)
	}
	return showCodes(c, codes)
}

func hashesOf(codes []account.RecoveryCode) [][]byte {
	return each(codes, func(c account.RecoveryCode) []byte { return c.Hash })
}

func showCodes(c *gin.Context, codes []account.RecoveryCode) error {
	return wrote(c, http.StatusOK, RecoveryCodesResponse{each(codes, func(c account.RecoveryCode) string { return c.Text })})
}

// TOTPDisableRequest proves both factors.
type TOTPDisableRequest struct {
	Password     string `json:"password" validate:"required"`
	Code         string `json:"code" example:"123456"` // of the authenticator, or
	RecoveryCode string `json:"recovery_code"`
} //	@name	TOTPDisableRequest

// disableTOTP turns the second factor off
//
//	@ID				disableTOTP
//	@Summary		Turn the second factor off
//	@Description	By the password and a code of the authenticator or a recovery code.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body	TOTPDisableRequest	true	"both factors"
//	@Success		204		"off"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found: there is none"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong; totp_required; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do, 10 an hour of an account from anywhere"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/totp/disable [post]
func (s *Server) disableTOTP(c *gin.Context, a account.Account) error {
	var req TOTPDisableRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := s.proveBoth(c, a, req.Password, factorProof{totp: req.Code, recovery: req.RecoveryCode}); err != nil {
		return err
	}
	err := s.deps.SecondFactors.DisableSecondFactor(c.Request.Context(), a.ID)
	s.sessions.forgetAccount(a.ID)
	if err != nil {
		return err
	}
	return done(c)
}

// proveBoth asks for the password and for the second factor, which must be on.
func (s *Server) proveBoth(c *gin.Context, a account.Account, password string, p factorProof) error {
	if p.totp != "" && !account.IsTOTP(p.totp) {
		return factorWrong()
	}
	if a.SecondFactorAt.IsZero() {
		return notFound()
	}
	if _, err := s.provePassword(c, a, password); err != nil {
		return err
	}
	return s.confirmFactor(c, a, p)
}

// RecoveryCodesRequest proves both factors.
type RecoveryCodesRequest struct {
	Password string `json:"password" validate:"required"`
	Code     string `json:"code" validate:"required" example:"123456"` // of the authenticator
} //	@name	RecoveryCodesRequest

// renewRecoveryCodes makes new recovery codes
//
//	@ID				renewRecoveryCodes
//	@Summary		Make new recovery codes
//	@Description	The earlier ones are void.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body		RecoveryCodesRequest	true	"both factors"
//	@Success		200		{object}	RecoveryCodesResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found: there is no second factor"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong; totp_required; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do, 10 an hour of an account from anywhere"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/totp/recovery [post]
func (s *Server) renewRecoveryCodes(c *gin.Context, a account.Account) error {
	var req RecoveryCodesRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := s.proveBoth(c, a, req.Password, factorProof{totp: req.Code}); err != nil {
		return err
	}
	codes := account.NewRecoveryCodes()
	if err := s.deps.SecondFactors.ReplaceRecoveryCodes(c.Request.Context(), a.ID, hashesOf(codes)); err != nil {
		return err
	}
	return showCodes(c, codes)
}
