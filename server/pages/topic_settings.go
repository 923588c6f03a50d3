package pages

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/manage/emoji"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowGeneral(c *request.Call) error {
	t := c.Topic
	f := web.Form{Values: map[string]string{"display_name": t.DisplayName, "description": t.Description, "access": t.AccessLevel}}
	sign := signOf(t).Chosen()
	f.Values["icon"], f.Values["color"] = sign.Icon, sign.Color
	if t.Discoverable {
		f.Values["discoverable"] = "1"
	}
	f.Values["retention_days"] = shownDays(t.Retention)
	return p.generalView(c, http.StatusOK, f)
}

// shownDays formats a retention in days, possibly fractional; empty means that the topic has none of its own.
func shownDays(keep time.Duration) string {
	if keep == 0 {
		return ""
	}
	return strconv.FormatFloat(math.Round(keep.Hours()/24*100)/100, 'f', -1, 64)
}

func (p *Pages) generalView(c *request.Call, status int, f web.Form) error {
	tokens, err := p.LiveTokens(c)
	if err != nil {
		return err
	}
	v := web.General{Settings: frame.SettingsOf(c.Topic, "general"), Form: f, Retained: keptFor(p.Settings.Retention), Tokens: tokens}
	return p.Render(c, status, web.GeneralPage(v))
}

func keptFor(age time.Duration) string {
	switch n := shownDays(max(age, 0)); n {
	case "":
		return "forever"
	case "1":
		return "1 day"
	default:
		return n + " days"
	}
}

func (p *Pages) SubmitGeneral(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	display, description, level, listed := f.Value("display_name"), f.Value("description"), f.Value("access"), f.Value("discoverable") != ""
	v := manage.TopicValues{DisplayName: &display, Description: &description, AccessLevel: &level, Discoverable: &listed}
	if text := f.Value("retention_days"); text != shownDays(c.Topic.Retention) { // an unchanged text keeps the exact duration
		keep, ok := frame.ParseDays(text)
		if !ok {
			return p.generalView(c, http.StatusUnprocessableEntity, f.Wrong("retention_days", "Enter a number of days from 1 to 36500, or leave the field empty."))
		}
		v.Retention = &keep
	}
	sign := signOf(c.Topic).Chosen() // a form without these fields does not change it
	if icon, sent := f.Values["icon"]; sent {
		sign.Icon = icon
	}
	if color, sent := f.Values["color"]; sent {
		sign.Color = color
	}
	sign = sign.With(f.Value("icon_other"))
	if f.Value("icon_other") != "" && !emoji.Is(sign.Icon) {
		return p.generalView(c, http.StatusUnprocessableEntity, f.Wrong("icon_other", "Enter one emoji, or its name, such as rocket."))
	}
	if sign != signOf(c.Topic).Chosen() { // an unchanged sign keeps its stored form
		sign = sign.Stored()
		v.IconName, v.IconColor = &sign.Icon, &sign.Color
	}
	_, _, err = p.Manage.UpdateTopic(manage.ActorOf(c.Who), c.Topic.ID, v)
	if errors.Is(err, auth.ErrInvalid) {
		return p.generalView(c, http.StatusUnprocessableEntity, f.Wrong("", err.Error()))
	}
	if err != nil {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings"), "flash.saved")
}
