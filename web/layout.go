package web

func flashKind(f *Flash) string {
	if f.Bad {
		return "bad"
	}
	return "good"
}
