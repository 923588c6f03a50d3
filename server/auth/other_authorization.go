package auth

import (
	"encoding/base64"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// SetAuthorization takes the Authorization header into what was presented. One that is not ours belongs to a proxy in front:
// Basic without a token or key in it, another scheme, a Bearer that is neither a token, a key nor a JWT that this server signed.
// It counts as absent, and only its scheme is remembered, for the hint of a later refusal.
func (a *Auth) SetAuthorization(in *Presented, header string) {
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer") && (kindOf(rest) != "" || a.signed(rest)):
		in.Bearer = rest
	case strings.EqualFold(scheme, "Basic"):
		user, password := basicParts(rest)
		if kindOf(user) != "" {
			in.Bearer = user
		}
		if kindOf(password) != "" {
			in.Password = password
		}
	case kindOf(scheme) != "" || kindOf(rest) != "":
		in.Misplaced = true
	}
	if in.Bearer == "" && in.Password == "" && !in.Misplaced {
		if in.SetAside = schemeName(scheme); rest == "" {
			in.SetAside = emptyAuthorization
		}
	}
}

// emptyAuthorization stands for a header without a credential, such as what is left of "Bearer $JWT" where JWT is not set.
const emptyAuthorization = "empty"

// schemeName is a scheme that is safe to repeat, RFC 9110 section 11.1.
func schemeName(s string) string {
	for _, known := range []string{"Basic", "Bearer", "Digest", "Negotiate", "NTLM"} {
		if strings.EqualFold(s, known) {
			return known
		}
	}
	return "another scheme"
}

// signed reports whether a text is a JWT that this server signed, whatever it says.
func (a *Auth) signed(text string) bool {
	if !canonicalJWT(text) {
		return false
	}
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()).
		Parse(text, func(*jwt.Token) (any, error) { return a.jwtKey, nil })
	return err == nil
}

// canonicalJWT reports whether a text is of the length and the characters of a JWT: base64 decoders pass over line ends, which
// would give one JWT several spellings.
func canonicalJWT(text string) bool {
	if len(text) > maxJWTLen || strings.Count(text, ".") != 2 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// basicParts are the user and the password of basic authentication, RFC 7617; empty when they cannot be read. Base64 has one
// spelling here: strict decoding refuses spare bits, and the check for line ends what decoders pass over.
func basicParts(s string) (user, password string) {
	if strings.ContainsAny(s, "\r\n") {
		return "", ""
	}
	text, err := base64.StdEncoding.Strict().DecodeString(strings.TrimRight(s, " "))
	if err != nil {
		return "", ""
	}
	user, password, _ = strings.Cut(string(text), ":")
	return user, password
}

// setAsideHint says in a refusal that the Authorization header was not read.
func setAsideHint(scheme string) string {
	switch scheme {
	case emptyAuthorization:
		return "The header Authorization came without a value. Is the variable set in the script?"
	case "Basic":
		return "The Authorization header (Basic) was ignored: it holds neither a topic token nor an API key, so it is assumed to be for a proxy."
	}
	return "The Authorization header (" + scheme + ") was ignored: it holds no credential of this server, so it is assumed to be for a proxy."
}
