package local

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/config"
	"notifer/server/daemon"
)

// App is what commands run with that read the configuration.
type App struct {
	command.App

	ConfigFile string // --config
}

// Flags gives cmd the flags of these settings, or of all when no key is given. Secrets have no flag.
func (a *App) Flags(cmd *cobra.Command, keys ...string) {
	for _, s := range config.Default().Settings() {
		if s.Secret || len(keys) > 0 && !slices.Contains(keys, s.Key) {
			continue
		}
		value := &settingFlag{setting: s}
		flag := cmd.Flags().VarPF(value, s.Flag(), "", s.Help)
		if value.Type() == "bool" {
			flag.NoOptDefVal = "true"
		}
		flag.Hidden = len(keys) == 0 && s.Section() != ""
	}
}

// Load reads the configuration, which cmd's flags override, and checks it and what it declares.
func (a *App) Load(cmd *cobra.Command) (*config.Config, error) {
	c, err := config.Load(a.ConfigFile, a.Env, cmd.Flags())
	if err != nil {
		return nil, err
	}
	if c.Ignored != "" {
		fmt.Fprintf(a.Stderr, "%s: %s\n", cmd.CommandPath(), c.Ignored)
	}
	return c, daemon.CheckDeclared(c)
}

// settingFlag is the flag of one setting. It checks its text at once and keeps it for Load.
type settingFlag struct {
	setting config.Setting
	text    *string
}

func (f *settingFlag) String() string {
	if f.text != nil {
		return *f.text
	}
	if f.setting.Key == "" { // the zero value, with which package flag compares
		return ""
	}
	return f.setting.String()
}

func (f *settingFlag) Set(text string) error {
	f.text = &text
	return f.setting.Set(text)
}

// Type is the word the help shows for the value.
func (f *settingFlag) Type() string {
	if f.setting.Key == "" {
		return "string"
	}
	return f.setting.Kind()
}
