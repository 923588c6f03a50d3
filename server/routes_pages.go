package server

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/pages"
	"notifer/server/pages/frame"
	"notifer/server/pages/keys"
	"notifer/server/request"
	"notifer/server/stream"
	"notifer/web"
)

// pageRoutes answer with pages. They live under reserved first segments, and their errors are pages too.
func pageRoutes(s *Server) []request.Route {
	h, t, k, f := s.pages, s.tokenPages, s.keyPages, s.securityPages
	return []request.Route{
		page("GET /static/{file}", auth.Open, h.ShowStatic),
		page("GET /{$}", auth.Open, h.ShowRoot),
		page("GET /inbox", auth.OwnDevice, frame.Reader(h.ShowInbox)),
		free(page("POST /inbox/read", auth.OwnAccount, frame.Member(h.SubmitInboxRead))),
		page("POST /topics", auth.CreateTopic, frame.Member(h.SubmitTopic)),
		page("POST /topics/pin", auth.OwnAccount, frame.Member(h.SubmitPin)),

		endpoint("GET /openapi.json", auth.Open, h.ShowOpenAPI),
		page("GET /docs", auth.Open, h.ShowDocs),
		page("GET /docs/{page}", auth.Open, h.ShowDocs),
		page("GET /setup", auth.Open, h.ShowSetup),
		signsIn(page("POST /setup", auth.Open, h.SubmitSetup)),
		page("GET /login", auth.Open, h.ShowSignIn),
		signsIn(page("POST /login", auth.Open, h.SubmitSignIn)),
		page("GET /register", auth.Open, h.ShowRegister),
		signsIn(page("POST /register", auth.Open, h.SubmitRegister)),
		page("POST /logout", auth.Open, h.SubmitSignOut),

		page("GET /topic/{topic}", auth.ReadHistory, h.ShowTopic),
		page("POST /topic/{topic}/messages", auth.Publish, frame.Reader(h.SubmitMessage)),
		page("GET /topic/{topic}/messages/{id}/delete", auth.ManageTopic, frame.Member(h.ShowDeleteMessage)),
		page("POST /topic/{topic}/messages/{id}/delete", auth.ManageTopic, frame.Member(h.SubmitDeleteMessage)),
		page("GET /topic/{topic}/settings", auth.ManageTopic, frame.Member(h.ShowGeneral)),
		page("POST /topic/{topic}/settings", auth.ManageTopic, frame.Member(h.SubmitGeneral)),
		page("GET /topic/{topic}/settings/tokens", auth.ManageTokens, frame.Member(t.ShowTokens)),
		fresh(page("POST /topic/{topic}/settings/tokens", auth.ManageTokens, frame.Member(t.SubmitToken))),
		page("GET /topic/{topic}/settings/tokens/events", auth.ManageTokens, frame.Member(t.ShowTokenEvents)),
		page("GET /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, frame.Member(t.ShowToken)),
		fresh(page("POST /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, frame.Member(t.SubmitTokenEdit))),
		page("GET /topic/{topic}/settings/tokens/{id}/template", auth.ManageTokens, frame.Member(t.ShowTemplate)),
		fresh(page("POST /topic/{topic}/settings/tokens/{id}/template", auth.ManageTokens, frame.Member(t.SubmitTemplate))),
		page("GET /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, frame.Member(t.ShowRotateToken)),
		fresh(page("POST /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, frame.Member(t.SubmitRotateToken))),
		page("GET /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, frame.Member(t.ShowEndOld)),
		free(page("POST /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, frame.Member(t.SubmitEndOld))),
		page("GET /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, frame.Member(t.ShowRevokeToken)),
		free(page("POST /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, frame.Member(t.SubmitRevokeToken))),
		page("GET /topic/{topic}/settings/activity", auth.ManageTopic, frame.Member(h.ShowActivity)),
		page("GET /topic/{topic}/settings/advanced", auth.ManageTopic, frame.Member(h.ShowAdvanced)),
		page("GET /topic/{topic}/settings/revoke-all", auth.ManageTokens, frame.Member(t.ShowRevokeAll)),
		free(fresh(page("POST /topic/{topic}/settings/revoke-all", auth.ManageTokens, frame.Member(t.SubmitRevokeAll)))),
		page("GET /topic/{topic}/settings/export", auth.ManageTopic, frame.Member(h.ShowExport)),
		page("POST /topic/{topic}/settings/purge", auth.ManageTopic, frame.Member(h.SubmitPurge)),
		page("POST /topic/{topic}/settings/delete", auth.ManageTopic, frame.Member(h.SubmitDeleteTopic)),

		page("GET /sw.js", auth.Open, k.ShowWorker),
		page("GET /devices", auth.OwnDevice, frame.Reader(k.ShowDevices)),
		fresh(page("POST /devices", auth.OwnDevice, frame.Reader(k.SubmitDevice))),
		free(page("POST /devices/renew", auth.OwnDevice, frame.Reader(k.SubmitRenewal))),
		page("GET /devices/pair", auth.OwnAccount, frame.Member(k.ShowNewPairing)),
		fresh(page("POST /devices/pair", auth.OwnAccount, frame.Member(k.SubmitNewPairing))),
		page("GET /devices/pair/{id}", auth.OwnAccount, frame.Member(k.ShowPairing)),
		page("GET "+keys.JoinPath, auth.Open, k.ShowPair),
		signsIn(page("POST "+keys.JoinPath, auth.Open, k.SubmitPair)),
		free(page("POST /devices/read", auth.OwnDevice, frame.Reader(k.SubmitRead))),
		page("GET /devices/offline", auth.Open, k.ShowOffline),
		page("GET /devices/settings/{id}", auth.OwnDevice, frame.Reader(k.ShowDevice)),
		page("POST /devices/{id}", auth.OwnDevice, frame.Reader(k.SubmitDeviceEdit)),
		page("POST /devices/{id}/test", auth.OwnDevice, frame.Reader(k.SubmitDeviceTest)),
		page("POST /devices/{id}/topics", auth.OwnDevice, frame.Reader(k.SubmitDeviceTopic)),
		free(page("POST /devices/{id}/remove", auth.OwnDevice, frame.Reader(k.SubmitDeviceRemove))),

		page("GET /settings", auth.OwnAccount, frame.Member(h.ShowProfile)),
		fresh(page("POST /settings", auth.OwnAccount, frame.Member(h.SubmitProfile))),
		page("GET /settings/delete", auth.OwnAccount, frame.Member(h.ShowDeleteAccount)),
		fresh(page("POST /settings/delete", auth.OwnAccount, frame.Member(h.SubmitDeleteAccount))),
		page("GET /settings/security", auth.OwnAccount, frame.Member(h.ShowSecurity)),
		free(fresh(page("POST /settings/password", auth.FinishSignIn, frame.Member(h.SubmitPassword)))),
		page("GET /settings/second-factor", auth.FinishSignIn, frame.Member(f.ShowSecondFactor)),
		fresh(page("POST /settings/second-factor", auth.FinishSignIn, frame.Member(f.SubmitSecondFactor))),
		page("GET /settings/second-factor/off", auth.OwnAccount, frame.Member(f.ShowFactorOff)),
		fresh(page("POST /settings/second-factor/off", auth.OwnAccount, frame.Member(f.SubmitFactorOff))),
		page("GET /settings/second-factor/codes", auth.OwnAccount, frame.Member(f.ShowRecoveryCodes)),
		fresh(page("POST /settings/second-factor/codes", auth.OwnAccount, frame.Member(f.SubmitRecoveryCodes))),
		free(fresh(page("POST /settings/sessions/end", auth.OwnAccount, frame.Member(h.SubmitEndSessions)))),
		free(fresh(page("POST /settings/sessions/{id}/end", auth.OwnAccount, frame.Member(h.SubmitEndSession)))),
		page("GET /settings/confirm", auth.OwnAccount, frame.Member(f.ShowConfirm)),
		free(fresh(page("POST /settings/confirm", auth.OwnAccount, frame.Member(f.SubmitConfirm)))),
		page("GET /settings/keys", auth.OwnAccount, frame.Member(k.ShowKeys)),
		fresh(page("POST /settings/keys", auth.OwnAccount, frame.Member(k.SubmitKey))),
		page("GET /settings/keys/{id}", auth.OwnAccount, frame.Member(k.ShowKeyTopics)),
		fresh(page("POST /settings/keys/{id}", auth.OwnAccount, frame.Member(k.SubmitKeyTopics))),
		page("GET /settings/keys/{id}/revoke", auth.OwnAccount, frame.Member(k.ShowEndKey)),
		free(page("POST /settings/keys/{id}/revoke", auth.OwnAccount, frame.Member(k.SubmitEndKey))),
		page("GET /settings/preferences", auth.OwnAccount, frame.Member(h.ShowPreferences)),
		page("POST /settings/preferences", auth.OwnAccount, frame.Member(h.SubmitPreferences)),

		page("GET /admin", auth.Administer, frame.Member(h.ShowServer)),
		fresh(page("POST /admin/backup", auth.Administer, frame.Member(h.SubmitBackup))),
		page("GET /admin/topics", auth.Administer, frame.Member(h.ShowAllTopics)),
		page("GET /admin/activity", auth.Administer, frame.Member(f.ShowEvents)),
		page("GET /admin/users", auth.Administer, frame.Member(h.ShowUsers)),
		fresh(page("POST /admin/users", auth.Administer, frame.Member(h.SubmitUser))),
		page("GET /admin/users/{id}/{verb}", auth.Administer, frame.Member(h.ShowUserChange)),
		fresh(page("POST /admin/users/{id}/{verb}", auth.Administer, frame.Member(h.SubmitUserChange))),
	}
}

// SetupPath is where the one-time setup link leads.
const SetupPath = "/setup"

// pageSettings returns what the pages use of the configuration.
func (s *Server) pageSettings() frame.Settings {
	return frame.Settings{Version: s.c.Version, Registration: s.c.Registration, RefuseInURLs: s.c.Auth.RefuseInURLs,
		Retention: s.c.Retention, WriteTimeout: s.c.WriteTimeout, Heartbeat: s.c.Heartbeat, Push: s.push, Checks: s.findings}
}

// findings are the configured checks as the page of the server lists them.
func (s *Server) findings() []web.Finding {
	if s.c.Checks == nil {
		return nil
	}
	var list []web.Finding
	for _, k := range s.c.Checks() {
		list = append(list, web.Finding{Name: k.Name, State: k.State, Text: k.Text})
	}
	return list
}

// pageHooks are what the pages need of the wire and the API.
func (s *Server) pageHooks() pages.Hooks {
	return pages.Hooks{
		AppendMessage: func(b []byte, m *db.Message) []byte { return contract.AppendManaged(b, m, api.UTF8) },
		Published:     s.meters.publish,
		DeleteMessage: s.rest.RemoveMessage, SetupJSON: s.rest.Setup,
	}
}

// eventHeaders are those of every event stream.
func eventHeaders(h http.Header) { stream.SetHeaders(h, stream.EventStreamType) }
