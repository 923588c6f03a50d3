package wire

import (
	"strings"

	"notifer/db"
)

// parseActions reads the header form: entries joined by ";", each "type, label, url[, key=value]...".
func parseActions(v string) ([]db.Action, error) {
	var list []db.Action
	for entry := range strings.SplitSeq(v, ";") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		a, err := ParseAction(strings.Split(entry, ","))
		if err != nil {
			return nil, err
		}
		list = append(list, db.Action(a))
	}
	return list, nil
}
