package tokens

import (
	"notifer/server/shape"
	views "notifer/web/tokens"
)

// senders are the programs that can be chosen.
func senders() []views.Sender {
	all := shape.All()
	out := make([]views.Sender, len(all))
	for i, s := range all {
		out[i] = senderView(s)
	}
	return out
}

func senderView(s *shape.Shape) views.Sender {
	v := views.Sender{ID: s.ID, Name: s.Name, Icon: s.Icon, About: s.About, Also: s.Also, Where: s.Setup.Where, Field: s.Setup.Field, Header: s.Setup.Header}
	for _, step := range s.Setup.Steps {
		v.Steps = append(v.Steps, views.Step{Text: step.Text, Code: step.Code})
	}
	return v
}

// senderOf is the program that was chosen for a token, nil for none and for a template of its own.
func senderOf(id string) *views.Sender {
	s := shape.ByID(id)
	if s == nil {
		return nil
	}
	v := senderView(s)
	return &v
}

// senderName is how lists call what sends with a token.
func senderName(id string) string {
	if id == shape.Custom {
		return "Template of its own"
	}
	if s := shape.ByID(id); s != nil {
		return s.Name
	}
	return id
}
