// Package config is the configuration: its keys, their defaults, where values come from, and which are valid.
// It does not know the server that uses them.
package config

import "time"

// Config holds every key of the configuration with the value in force.
// The toml tag names the key, the help tag is its one-line description, and the bounds tag is the least duration or size that a value other
// than an empty one has, or the least and the largest: "1s" or "1MiB to 1GiB".
type Config struct {
	Listen         List   `toml:"listen" help:"addresses to serve on: host:port, or unix:/path"`
	ListenMode     Mode   `toml:"listen_mode" help:"permission bits of a unix socket"`
	DataDir        string `toml:"data_dir" help:"directory of the database, created with mode 0700"`
	BaseURL        string `toml:"base_url" help:"public URL, including any sub-path; empty: derived from each request"`
	TrustedProxies List   `toml:"trusted_proxies" help:"trusted proxies: addresses or networks allowed to set X-Forwarded-* headers"`
	LogLevel       string `toml:"log_level" help:"debug, info, warn or error"`
	LogFormat      string `toml:"log_format" help:"auto (text on a terminal, else json), text or json"`

	TLS       TLS       `toml:"tls"`
	ACME      ACME      `toml:"acme"`
	Auth      Auth      `toml:"auth"`
	Limits    Limits    `toml:"limits"`
	Tokens    Tokens    `toml:"tokens"`
	Retention Retention `toml:"retention"`
	Stream    Stream    `toml:"stream"`
	Push      Push      `toml:"push"`
	Backup    Backup    `toml:"backup"`
	Replica   Replica   `toml:"replica"`
	Metrics   Metrics   `toml:"metrics"`
	Admin     Admin     `toml:"admin"`

	Users  []User  `toml:"user"`
	Topics []Topic `toml:"topic"`

	Ignored string // why an existing file was not read; empty otherwise

	path     string            // the file that was read, or empty
	origins  map[string]string // by key: where the value came from
	unread   map[string]string // by key: the file of a secret that only the service can read
	warnings []string          // what is allowed but probably a mistake
}

// TLS names the certificate files; both or none.
type TLS struct {
	Cert string `toml:"cert" help:"certificate chain in PEM format; reloaded on SIGHUP"`
	Key  string `toml:"key" help:"private key in PEM format; reloaded on SIGHUP"`
}

// ACME requests certificates from a certificate authority.
type ACME struct {
	Domains   List   `toml:"domains" help:"domain names to request certificates for; empty: off"`
	Email     string `toml:"email" help:"contact email for the certificate authority"`
	Dir       string `toml:"dir" help:"directory for certificates; empty: acme below data_dir"`
	Directory string `toml:"directory" help:"ACME directory URL of the certificate authority; empty: Let's Encrypt"`
}

// Auth sets the lifetimes of sign-ins and the cost of hashing.
type Auth struct {
	AccessTTL           Duration `toml:"access_ttl" help:"lifetime of an access token (JWT)" bounds:"1s"`
	RefreshTTL          Duration `toml:"refresh_ttl" help:"lifetime of a refresh token" bounds:"1s"`
	Registration        bool     `toml:"registration" help:"allow anyone to register"`
	SessionMax          Duration `toml:"session_max" help:"maximum lifetime of a session, even if it is in use" bounds:"1s"`
	ReauthAfter         Duration `toml:"reauth_after" help:"time after which sensitive pages ask for the password again" bounds:"1s"`
	RequireSecondFactor string   `toml:"require_second_factor" help:"who must have a second factor: nobody, admins or everyone"`
	Argon2Memory        int      `toml:"argon2_memory" help:"memory per password hash in KiB"`
	Argon2Time          int      `toml:"argon2_time" help:"passes per password hash"`
	Argon2Threads       int      `toml:"argon2_threads" help:"parallel threads per password hash"`
}

// Limits bound what clients may do.
type Limits struct {
	MessageBytes            int  `toml:"message_bytes" help:"maximum length of a message text in bytes"`
	BodyBytes               int  `toml:"body_bytes" help:"maximum size of a publish request's body in bytes; text beyond message_bytes is cut off"`
	AnonymousPerMinute      int  `toml:"anonymous_per_minute" help:"messages per minute that one IP address can publish without a credential"`
	AnonymousBytesPerDay    Size `toml:"anonymous_bytes_per_day" help:"bytes per day that one IP address can publish without a credential; empty: unlimited"`
	TokenBytesPerDay        Size `toml:"token_bytes_per_day" help:"bytes per day that one token, or one account without a token, can publish; empty: unlimited"`
	AnonymousReadsPerSecond int  `toml:"anonymous_reads_per_second" help:"pages and histories per second that one IP address can read without a credential; 0: unlimited"`
	InFlightBytes           Size `toml:"in_flight_bytes" help:"memory for unfinished requests, and as much again for unread responses; one IP address can use an eighth of it, one credential half" bounds:"1MiB to 1GiB"`
	TopicsPerAccount        int  `toml:"topics_per_account" help:"topics per account; declared topics are always created; 0: unlimited"`
	KeysPerAccount          int  `toml:"keys_per_account" help:"live API keys per account; 0: unlimited"`
	ChangesPerDay           int  `toml:"changes_per_day" help:"changes per day by one account, token or paired device, at most a quarter of them at once; revoking is always possible; 0: unlimited"`
	OpenPublish             bool `toml:"open_publish" help:"allow publishing to public topics without a credential"`
	Streams                 int  `toml:"streams" help:"open streams in total"`
	StreamsPerAddress       int  `toml:"streams_per_address" help:"open streams per client IP address"`
	StreamsPerCredential    int  `toml:"streams_per_credential" help:"open streams per token, key or session"`
	Connections             int  `toml:"connections" help:"open connections in total; 0: unlimited"`
	ConnectionsPerAddress   int  `toml:"connections_per_address" help:"open connections per client IP address, or per IPv6 /64; 0: unlimited"`
}

// Tokens sets the rules for topic access tokens.
type Tokens struct {
	MaxPerTopic   int      `toml:"max_per_topic" help:"live tokens per topic; declared tokens are always created"`
	DefaultExpiry Duration `toml:"default_expiry" help:"lifetime of tokens created without an expiry; empty: unlimited" bounds:"1s"`
	MaxExpiry     Duration `toml:"max_expiry" help:"maximum token lifetime; empty: unlimited" bounds:"1s"`
	KeepEnded     Duration `toml:"keep_ended" help:"how long revoked and expired tokens stay listed"`
	RefuseInURLs  bool     `toml:"refuse_in_urls" help:"refuse tokens in URLs, which proxies log"`
}

// Retention says when messages are deleted.
type Retention struct {
	Age   Duration `toml:"age" help:"maximum age of messages; older ones are deleted; empty: unlimited" bounds:"1ms"`
	Size  Space    `toml:"size" help:"maximum size of the database, such as 2GiB or a share of its disk space; beyond it, the largest topics lose their oldest messages; empty: unlimited" bounds:"256KiB"`
	Audit Duration `toml:"audit" help:"how long the activity log, daily counts and ended tokens are kept; empty: forever" bounds:"1s"`
}

// Stream sets the clock of open streams.
type Stream struct {
	Heartbeat    Duration `toml:"heartbeat" help:"interval between heartbeats on an idle stream" bounds:"100ms"`
	WriteTimeout Duration `toml:"write_timeout" help:"how long a slow reader may block before it is disconnected" bounds:"100ms"`
}

// Push sends notifications to browsers whose page is closed, through the browsers' push services.
type Push struct {
	Enabled bool   `toml:"enabled" help:"web push: send notifications through the push services of browsers, only to devices that have turned them on"`
	Hosts   List   `toml:"hosts" help:"additional push services: host names, or http://host:port for your own"`
	Contact string `toml:"contact" help:"email or https URL where push services can reach you; empty: base_url. Apple requires a public domain name"`
}

// Backup schedules backups of the database.
type Backup struct {
	Dir    string   `toml:"dir" help:"directory for scheduled backups; empty: no scheduled backups"`
	Every  Duration `toml:"every" help:"interval between backups" bounds:"1m"`
	Keep   int      `toml:"keep" help:"number of backups kept"`
	Verify Duration `toml:"verify" help:"interval between trial restores of the newest backup; empty: never" bounds:"1m"`
}

// Replica reports on the replica that Litestream keeps up to date.
type Replica struct {
	Socket string `toml:"socket" help:"Litestream's control socket, to show the replica's lag; empty: no replica"`
}

// Metrics opens /metrics, which is otherwise off.
type Metrics struct {
	Listen List `toml:"listen" help:"addresses that serve only /metrics, such as 127.0.0.1:9090"`
	Allow  List `toml:"allow" help:"networks that may read /metrics on the main addresses"`
}

// Admin is an admin that serve creates at startup if there is no such account.
type Admin struct {
	Email    string `toml:"email" help:"email of an admin to create at startup"`
	Username string `toml:"username" help:"username of that admin; empty: the part of the email before the @"`
	Password string `toml:"password" help:"initial password of that admin" secret:"true"`
}

// User is a declared user.
type User struct {
	Email        string `toml:"email"`
	Username     string `toml:"username"`
	Admin        bool   `toml:"admin"`
	Disabled     bool   `toml:"disabled"`
	PasswordFile string `toml:"password_file"`
	PasswordHash string `toml:"password_hash"`
}

// Topic is a declared topic; owner is a username or an email.
type Topic struct {
	Name         string       `toml:"name"`
	Owner        string       `toml:"owner"`
	AccessLevel  string       `toml:"access_level"`
	Description  string       `toml:"description"`
	DisplayName  string       `toml:"display_name"`
	IconName     string       `toml:"icon_name"`
	IconColor    string       `toml:"icon_color"`
	Discoverable bool         `toml:"is_discoverable"`
	Retention    Duration     `toml:"retention"`
	Tokens       []TopicToken `toml:"token"`
}

// TopicToken is a declared topic access token: its text in a file, or its hash.
type TopicToken struct {
	Name        string   `toml:"name"`
	Permissions []string `toml:"permissions"`
	TokenFile   string   `toml:"token_file"`
	Hash        string   `toml:"hash"`
	Shape       string   `toml:"shape"`
}

// Default returns the configuration with every key at its default.
func Default() *Config {
	return &Config{
		Listen: List{":8080"}, ListenMode: 0o660, DataDir: "./data", TrustedProxies: List{},
		LogLevel: "info", LogFormat: "auto",
		ACME: ACME{Domains: List{}},
		Auth: Auth{
			AccessTTL: Duration(24 * time.Hour), RefreshTTL: Duration(720 * time.Hour), SessionMax: Duration(2160 * time.Hour), ReauthAfter: Duration(time.Hour), RequireSecondFactor: "nobody",
			Argon2Memory: 19456, Argon2Time: 2, Argon2Threads: 1,
		},
		Limits: Limits{
			MessageBytes: 65536, BodyBytes: 1 << 20, AnonymousPerMinute: 100,
			AnonymousBytesPerDay: 128 << 20, TokenBytesPerDay: 10 << 30, AnonymousReadsPerSecond: 100, InFlightBytes: 16 << 20, OpenPublish: true,
			TopicsPerAccount: 1000, KeysPerAccount: 100, ChangesPerDay: 20_000,
			Streams: 10000, StreamsPerAddress: 200, StreamsPerCredential: 100,
			Connections: 20000, ConnectionsPerAddress: 1000,
		},
		Tokens:    Tokens{MaxPerTopic: 100, KeepEnded: Duration(2160 * time.Hour)},
		Retention: Retention{Age: Duration(720 * time.Hour), Size: -50, Audit: Duration(8760 * time.Hour)},
		Stream:    Stream{Heartbeat: Duration(25 * time.Second), WriteTimeout: Duration(10 * time.Second)},
		Push:      Push{Enabled: true, Hosts: List{}},
		Backup:    Backup{Every: Duration(24 * time.Hour), Keep: 7, Verify: Duration(168 * time.Hour)},
		Metrics:   Metrics{Listen: List{}, Allow: List{}},
		origins:   map[string]string{},
		unread:    map[string]string{},
	}
}

// Secure reports whether the server speaks TLS itself.
func (c *Config) Secure() bool { return c.TLS.Cert != "" || len(c.ACME.Domains) > 0 }

// OnlyRedirects reports whether a port serves no pages: beside TLS, port 80 answers an authority's challenges and redirects.
func (c *Config) OnlyRedirects(port string) bool { return c.Secure() && port == "80" }

// Path is the file that was read, or empty.
func (c *Config) Path() string { return c.path }

// Origin says where a key's value came from, such as "default" or a file with a line.
func (c *Config) Origin(key string) string { return c.origins[key] }

// Warnings are about what is allowed but probably a mistake.
func (c *Config) Warnings() []string { return c.warnings }
