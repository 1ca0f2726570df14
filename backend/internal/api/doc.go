// Package api serves the REST API, its description and the page. It turns
// requests into calls of the ports that it declares, and errors into problems
// (RFC 9457) by one table.
//
// The comments of the handlers are the source of openapi/: after a change run
// `go run ./cmd/openapi`.
package api

//	@title						Hinomi
//	@version					1
//	@description				Watches servers over the lines of several carriers in turn and mails when one fails twice.
//	@description
//	@description				Sign in with POST /auth/login and send the access token as `Authorization: Bearer …`; it is good for 15 minutes.
//	@description				Scripts send an API token (`hnm_…`, POST /me/tokens) in the same place.
//	@description				Times are RFC 3339 in UTC, units stand in the names. Lists answer `{"items": […], "next_cursor": null}`: pass
//	@description				`next_cursor` as `cursor` for more. Errors are `application/problem+json` (RFC 9457) with a stable `code`.
//	@description				Query keys and JSON members that an operation does not know are refused.
//	@license.name				Apache-2.0
//	@license.url				https://www.apache.org/licenses/LICENSE-2.0
//	@BasePath					/api/v1
//	@accept						json
//	@produce					json
//	@securityDefinitions.apikey	bearer
//	@in							header
//	@name						Authorization
//	@tag.name					auth
//	@tag.description			Registration and sign-in
//	@tag.name					me
//	@tag.description			The account that is signed in
//	@tag.name					contacts
//	@tag.description			Who is mailed
//	@tag.name					targets
//	@tag.description			Hosts
//	@tag.name					monitors
//	@tag.description			Services that are watched on targets
//	@tag.name					status
//	@tag.description			How things are now
//	@tag.name					reports
//	@tag.description			What happened
//	@tag.name					service
//	@tag.description			How Hinomi itself is set up
//	@tag.name					operator
//	@tag.description			For who runs the service
