package api

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// accessLife is how long an access token is good.
const accessLife = 15 * time.Minute

// What an access token says of itself (RFC 9068).
const (
	tokenType     = "at+jwt"
	tokenAudience = "hinomi-api"
)

type claims struct {
	jwt.RegisteredClaims
	SessionID string `json:"sid"`
}

// tokens signs and checks access tokens.
type tokens struct {
	secret []byte
	issuer string
	now    func() time.Time
	parser *jwt.Parser
}

func newTokens(cfg Config) *tokens {
	issuer := "hinomi"
	if cfg.PublicURL != nil {
		issuer = cfg.PublicURL.String()
	}
	return &tokens{
		secret: cfg.JWTSecret, issuer: issuer, now: cfg.Now,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithIssuer(issuer), jwt.WithAudience(tokenAudience),
			jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(cfg.Now),
		),
	}
}

// issue makes the access token of a session.
func (t *tokens) issue(a account.Account, sessionID string) (string, error) {
	now := t.now().Truncate(time.Second)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: t.issuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: strconv.FormatInt(a.ID, 10),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(accessLife)),
		},
		SessionID: sessionID,
	})
	token.Header["typ"] = tokenType
	signed, err := token.SignedString(t.secret)
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return signed, nil
}

var errTokenType = errors.New("not an access token")

// check gives the session and account that a token was issued for.
func (t *tokens) check(raw string) (sessionID string, accountID int64, err error) {
	var c claims
	token, err := t.parser.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return t.secret, nil })
	if err != nil {
		return "", 0, fmt.Errorf("check access token: %w", err)
	}
	id, ok := parseID(c.Subject)
	if token.Header["typ"] != tokenType || !ok || c.SessionID == "" || c.IssuedAt == nil {
		return "", 0, errTokenType
	}
	return c.SessionID, id, nil
}
