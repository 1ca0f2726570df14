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
	View      int64  `json:"view,omitempty"` // the account that an operator looks at; 0: his own
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
	return t.issueView(a, sessionID, 0)
}

// issueView makes an access token of a session that looks at another account.
func (t *tokens) issueView(a account.Account, sessionID string, view int64) (string, error) {
	now := t.now().Truncate(time.Second)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: t.issuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: strconv.FormatInt(a.ID, 10),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(accessLife)),
		},
		SessionID: sessionID, View: view,
	})
	token.Header["typ"] = tokenType
	signed, err := token.SignedString(t.secret)
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return signed, nil
}

var errTokenType = errors.New("not an access token")

// bearer is what an access token was issued for.
type bearer struct {
	session       string
	account, view int64
}

func (t *tokens) check(raw string) (bearer, error) {
	var c claims
	token, err := t.parser.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return t.secret, nil })
	if err != nil {
		return bearer{}, fmt.Errorf("check access token: %w", err)
	}
	id, ok := parseID(c.Subject)
	if token.Header["typ"] != tokenType || !ok || c.SessionID == "" || c.IssuedAt == nil || c.View < 0 {
		return bearer{}, errTokenType
	}
	return bearer{session: c.SessionID, account: id, view: c.View}, nil
}
