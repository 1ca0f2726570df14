package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
)

func (s *Server) route() error {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	if err := e.SetTrustedProxies(s.cfg.TrustedProxies); err != nil {
		return fmt.Errorf("trusted proxies: %w", err)
	}
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.Use(s.recover, s.secure, s.cors)
	e.NoRoute(s.noRoute)
	e.NoMethod(s.stream(func(*gin.Context) error {
		return newFault(http.StatusMethodNotAllowed, "method_not_allowed", "This address does not take that method.")
	}))
	s.engine = e

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Handle(method, "/healthz", s.stream(s.healthz))
		e.Handle(method, "/readyz", s.quick(s.readyz))
		e.Handle(method, "/openapi.json", s.stream(s.openAPI))
		e.Handle(method, "/docs", s.stream(s.serveDocs))
		e.Handle(method, "/docs/*file", s.stream(s.serveDocs))
	}
	v1 := e.Group("/api/v1", s.audit)
	s.routeAuth(v1)
	s.routeWatching(v1)
	s.routeInvites(v1)
	s.routeAccounts(v1)
	s.routeReading(v1)
	s.routeHosts(v1)
	s.routeClaims(v1)
	s.routeCredentials(v1)
	s.routeAudit(v1)
	s.routeSettings(v1)
	s.routeHalt(v1)
	s.routeMails(v1)
	v1.GET("/operator/lines", s.quick(s.operating(s.listOperatorLines)))
	return nil
}

func (s *Server) routeAuth(v1 *gin.RouterGroup) {
	v1.POST("/auth/register", s.quick(s.register))
	v1.POST("/auth/verify", s.quick(s.verifyAccount))
	v1.POST("/auth/resend", s.quick(s.resendVerification))
	v1.POST("/auth/password/forgot", s.quick(s.forgotPassword))
	v1.POST("/auth/password/reset", s.quick(s.resetPassword))
	v1.POST("/auth/login", s.quick(s.login))
	v1.POST("/auth/refresh", s.quick(s.refresh))
	v1.POST("/auth/logout", s.quick(s.logout))
	v1.GET("/me", s.quick(s.signedIn(s.me)))
	v1.PATCH("/me", s.quick(s.signedIn(s.updateMe)))
	v1.POST("/me/password", s.quick(s.signedIn(s.changePassword)))
	v1.POST("/me/email", s.quick(s.signedIn(s.askForAddress)))
	v1.POST("/me/email/confirm", s.quick(s.confirmAddress))
	v1.POST("/me/email/code", s.quick(s.signedIn(s.confirmAddressByCode)))
	v1.DELETE("/me", s.stream(s.signedIn(s.deleteMe))) // there may be much to delete
	v1.GET("/me/export", s.stream(s.signedIn(s.exportMe)))
	v1.GET("/me/sessions", s.quick(s.signedIn(s.listSessions)))
	v1.DELETE("/me/sessions/:id", s.quick(s.signedIn(s.revokeSession)))
	v1.GET("/terms", s.quick(s.terms))
	v1.GET("/contacts", s.quick(s.signedIn(s.listContacts)))
	v1.POST("/contacts", s.quick(s.signedIn(s.addContact)))
	v1.POST("/contacts/verify", s.quick(s.verifyContact))
	v1.PATCH("/contacts/:id", s.quick(s.signedIn(s.updateContact)))
	v1.POST("/contacts/:id/test", s.quick(s.signedIn(s.testContact)))
	v1.GET("/contacts/:id/mails", s.quick(s.signedIn(s.listContactMails)))
	v1.DELETE("/contacts/:id", s.quick(s.signedIn(s.deleteContact)))
	v1.POST("/contacts/:id/verify", s.quick(s.signedIn(s.verifyContactByCode)))
	v1.POST("/contacts/:id/resend", s.quick(s.signedIn(s.resendContact)))
	v1.POST("/contacts/:id/resubscribe", s.quick(s.signedIn(s.resubscribeContact)))
	v1.GET("/unsubscribe/:token", s.quick(s.askToUnsubscribe))
	v1.POST("/unsubscribe/:token", s.quick(s.unsubscribe))
}

func (s *Server) routeWatching(v1 *gin.RouterGroup) {
	v1.GET("/targets", s.quick(s.signedIn(s.listTargets)))
	v1.POST("/targets", s.stream(s.signedIn(s.createTarget))) // a name is resolved on the way
	v1.GET("/targets/:id", s.quick(s.signedIn(s.getTarget)))
	v1.PATCH("/targets/:id", s.quick(s.signedIn(s.updateTarget)))
	v1.DELETE("/targets/:id", s.quick(s.signedIn(s.deleteTarget)))
	v1.POST("/targets/:id/resume", s.quick(s.signedIn(s.resumeTarget)))
	v1.GET("/monitors", s.quick(s.signedIn(s.listMonitors)))
	v1.POST("/monitors", s.quick(s.signedIn(s.createMonitor)))
	v1.POST("/monitors/resume", s.quick(s.signedIn(s.resumeMonitors)))
	v1.GET("/monitors/:id", s.quick(s.signedIn(s.getMonitor)))
	v1.PATCH("/monitors/:id", s.quick(s.signedIn(s.updateMonitor)))
	v1.DELETE("/monitors/:id", s.quick(s.signedIn(s.deleteMonitor)))
	v1.POST("/monitors/:id/pause", s.quick(s.signedIn(s.pauseMonitor)))
	v1.POST("/monitors/:id/resume", s.quick(s.signedIn(s.resumeMonitor)))
	v1.POST("/monitors/:id/probe", s.stream(s.signedIn(s.probeMonitor)))
}

func (s *Server) routeReading(v1 *gin.RouterGroup) {
	v1.GET("/status", s.quick(s.signedIn(s.status)))
	v1.GET("/monitors/:id/results", s.quick(s.signedIn(s.listResults)))
	v1.GET("/monitors/:id/report", s.quick(s.signedIn(s.monitorReport)))
	v1.GET("/monitors/:id/report/download", s.stream(s.signedIn(s.downloadMonitor)))
	v1.GET("/report/download", s.stream(s.signedIn(s.downloadAll)))
	v1.POST("/report/links", s.quick(s.signedIn(s.createLink)))
	v1.GET("/report/links/:token", s.stream(s.followLink))
	v1.GET("/incidents", s.quick(s.signedIn(s.listIncidents)))
	v1.GET("/lines", s.quick(s.signedIn(s.listLines)))
	v1.GET("/service", s.quick(s.service))
	v1.GET("/operator/accounts/:id/quotas", s.quick(s.operating(s.accountQuotas)))
	v1.PUT("/operator/accounts/:id/quotas", s.quick(s.operating(s.setAccountQuotas)))
}
