package setupfiles

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// Where a replica is kept, by the form of --replica.
const (
	replicaDir  = "dir"
	replicaSFTP = "sftp"
	replicaS3   = "s3"
)

// checkReplica refuses a text that is not a place for a replica: an absolute path, or a URL of sftp or s3.
func checkReplica(text string) error {
	kind, err := replicaKind(text)
	if kind == replicaDir {
		return checkPath(text)
	}
	return err
}

func replicaKind(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case path.IsAbs(text):
		return replicaDir, nil
	case err != nil:
	case strings.ContainsFunc(text, func(r rune) bool { return !plainInReplica(r) }):
	case u.Scheme == replicaSFTP && u.Host != "" && u.User.Username() != "" && path.Clean("/"+u.Path) != "/":
		return replicaSFTP, nil
	case u.Scheme == replicaS3 && u.Host != "":
		return replicaS3, nil
	}
	return "", fmt.Errorf("invalid replica %q: write /mnt/backup/notifer, sftp://user@host/notifer or s3://bucket/notifer", text)
}

// plainInReplica holds for what means nothing else between double quotes in YAML, and in a shell.
func plainInReplica(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~:/[]@%+,=", r)
}

// replicaTarget is where the replica is kept, as lines of Litestream's configuration.
func replicaTarget(text string) string {
	kind, _ := replicaKind(text)
	lines := map[string][]string{
		replicaDir: {`path: "` + text + `"`},
		replicaSFTP: {`url: "` + text + `"`, "key-path: ${CREDENTIALS_DIRECTORY}/sftp.key",
			"# What the host answers with: ssh-keyscan -t ed25519 HOST", "# host-key: ssh-ed25519 AAAA..."},
		replicaS3: {`url: "` + text + `"`, "# Not at Amazon:", "# endpoint: https://s3.example.org", "# region: us-east-1"},
	}[kind]
	// A lost disk costs what was acknowledged during both intervals. Short ones leave most of the promised second for a slow machine.
	sync := "sync-interval: 100ms"
	if kind == replicaS3 {
		sync = "sync-interval: 250ms # each one with changes is a request: 10s costs less and may lose more"
	}
	lines = append(lines, sync)
	return "      " + strings.Join(lines, "\n      ")
}

// replicaAccess is the lines of the unit that give access to the replica.
func replicaAccess(text string) string {
	kind, _ := replicaKind(text)
	return map[string]string{
		replicaDir: "# The directory belongs to the user of the services: sudo chown --reference=/var/lib/notifer " + text + "\n" +
			"# The service does not run without the disk. To start it whenever the disk is mounted, append to WantedBy= below what this\n" +
			"# prints, and run systemctl enable again: systemd-escape --path --suffix=mount \"$(findmnt -no TARGET -T " + text + ")\"\n" +
			"ReadWritePaths=" + text,
		replicaSFTP: "# The private key of an account at that host, without a passphrase.\n" +
			"LoadCredential=sftp.key:/etc/notifer/sftp.key",
		replicaS3: "# LITESTREAM_ACCESS_KEY_ID=... and LITESTREAM_SECRET_ACCESS_KEY=..., readable for root only.\n" +
			"EnvironmentFile=/etc/notifer/litestream.env",
	}[kind]
}

// replicaMount keeps the service from starting while the replica's disk is not mounted: it would write to the disk below, perhaps the store's.
func replicaMount(text string) string {
	if kind, _ := replicaKind(text); kind != replicaDir {
		return ""
	}
	return "\nRequiresMountsFor=" + text
}
