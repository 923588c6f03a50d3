package daemon

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"notifer/db"
	"notifer/server/config"
)

// Preflight returns what a start with this configuration would stumble over, as far as files show it. It makes nothing that stays, and
// leaves out the files that only the service can read.
func Preflight(c *config.Config, env config.Environment) []error {
	var found []error
	note := func(what string, err error) {
		if err != nil {
			found = append(found, fmt.Errorf("%s: %w", what, err))
		}
	}
	note("tls.cert", CheckCertificate(c, env))
	note("data_dir", mayMake(c.DataDir))
	if c.Backup.Dir != "" {
		note("backup.dir", mayMake(c.Backup.Dir))
	}
	for _, u := range c.Users {
		if u.PasswordFile != "" && !config.OutOfReach(u.PasswordFile, env) {
			_, err := c.SecretFile(u.PasswordFile, env)
			note("[[user]] "+u.Email, err)
		}
	}
	for _, t := range c.Topics {
		note("[[topic]] "+t.Name, ownerDeclared(c, t.Owner))
		for _, k := range t.Tokens {
			if k.TokenFile != "" && !config.OutOfReach(k.TokenFile, env) {
				_, err := c.SecretFile(k.TokenFile, env)
				note(fmt.Sprintf("[[topic]] %s: [[topic.token]] %q", t.Name, k.Name), err)
			}
		}
	}
	return found
}

// CheckCertificate returns why the certificate and key in files cannot be used. It leaves out files that only the service can read.
func CheckCertificate(c *config.Config, env config.Environment) error {
	if c.TLS.Cert == "" || config.OutOfReach(c.TLS.Cert, env) || config.OutOfReach(c.TLS.Key, env) {
		return nil
	}
	_, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
	return err
}

// mayMake reports why a directory can neither be used nor made. It makes an empty directory there and removes it: root passes every
// check of permissions, also where nothing can be made, such as in /proc.
func mayMake(dir string) error {
	at := filepath.Clean(dir)
	info, err := os.Stat(at)
	for errors.Is(err, os.ErrNotExist) && at != filepath.Dir(at) {
		if dead := db.DeadLink(at); dead != nil {
			return dead
		}
		at = filepath.Dir(at)
		info, err = os.Stat(at)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", at)
	}
	probe, err := os.MkdirTemp(at, ".notifer-try-")
	if err != nil {
		return fmt.Errorf("user %d cannot create a directory in %s: %w", os.Geteuid(), at, cause(err))
	}
	return os.Remove(probe)
}

// cause is what went wrong, without the name that was tried.
func cause(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// ownerDeclared reports an owner who will not exist; one who may be in a database is not looked for there.
func ownerDeclared(c *config.Config, owner string) error {
	if _, err := os.Stat(filepath.Join(c.DataDir, db.FileName)); err == nil {
		return nil
	}
	for _, u := range append([]config.User{{Email: c.Admin.Email, Username: c.Admin.Username}}, c.Users...) {
		if u.Username == "" {
			u.Username = config.UsernameOf(u.Email)
		}
		if strings.EqualFold(owner, u.Email) || strings.EqualFold(owner, u.Username) {
			return nil
		}
	}
	return fmt.Errorf("its owner %q is not declared, and there is no database yet", owner)
}

// warn reports at the start what a server can live with and its owner should know.
func (s *service) warn() {
	for _, w := range s.c.Warnings() {
		s.log.Warn("the configuration may hold a mistake", "warning", w)
	}
	s.warnOfCertificate()
	if dir := s.c.Backup.Dir; dir != "" {
		if err := tryBackupDir(dir); err != nil {
			s.log.Error("backup.dir cannot be written to, so there will be no scheduled backup", "dir", dir, "err", err)
		}
	}
	for _, l := range s.sockets.main {
		if unencrypted(s.c, l.Addr()) {
			s.log.Warn("plain HTTP: passwords, tokens and messages travel unencrypted; set tls or acme, or base_url to the https URL of a proxy",
				"listen", l.Addr().String())
			return
		}
	}
}

// unencrypted reports whether other machines reach this address without TLS, not even that of a proxy.
func unencrypted(c *config.Config, a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback() && !c.Secure() && !c.HTTPSBase()
}

// tryBackupDir makes the directory and a file in it, which it removes.
func tryBackupDir(dir string) error {
	if err := db.MakeDir(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".notifer-try-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
