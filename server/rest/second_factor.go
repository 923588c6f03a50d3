package rest

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

func (a *API) SecondFactor(c *request.Call) error {
	out, err := a.manage.SecondFactor(c.R.Context(), c.Who.User())
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// NewSecondFactor answers with the secret for an app. Nothing is turned on yet.
func (a *API) NewSecondFactor(c *request.Call) error {
	out, err := a.manage.NewSecondFactor(c.Who.User(), c.Who.Session().ID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// EnableSecondFactor turns the second factor on, proved by a code of the app.
func (a *API) EnableSecondFactor(c *request.Call) error {
	var in api.SecondFactorRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := a.site.ConfirmOwner(c, in.CurrentPassword, ""); err != nil {
		return err
	}
	codes, err := a.manage.EnableSecondFactor(c.R.Context(), c.Who.User(), c.Who.Session().ID, in.Code, c.By())
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, api.RecoveryCodes{RecoveryCodes: codes})
	return nil
}

// RenewRecoveryCodes answers with new recovery codes.
func (a *API) RenewRecoveryCodes(c *request.Call) error {
	u, err := a.provedOwner(c)
	if err != nil {
		return err
	}
	codes, err := a.manage.RenewRecoveryCodes(u, c.By())
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, api.RecoveryCodes{RecoveryCodes: codes})
	return nil
}

// DisableSecondFactor turns the second factor off.
func (a *API) DisableSecondFactor(c *request.Call) error {
	u, err := a.provedOwner(c)
	if err != nil {
		return err
	}
	if err := a.manage.DisableSecondFactor(u, c.Who.Session().ID, c.By()); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// provedOwner reads and checks the password and a code, both of which are always needed here.
func (a *API) provedOwner(c *request.Call) (*db.User, error) {
	var in api.SecondFactorRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return nil, err
	}
	return c.Who.User(), a.site.ConfirmOwnerByCode(c, in.CurrentPassword, in.Code)
}
