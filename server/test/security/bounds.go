package security

// Bound is what keeps a table of the store from growing without end, and the tests that show it. What an admin alone adds is bounded
// by the admin.
type Bound struct {
	Table string
	By    string
	Tests []string
}

const (
	ofChanges = "by changes of an account or token (limits.changes_per_day)"
	ofTopics  = "a row for each account and topic, which are bounded"
)

// Bounds lists every table.
func Bounds() []Bound {
	return []Bound{
		{"alert", "deleted with its last message", []string{"TestAlerts"}},
		{"audit", ofChanges + ", by signing in, by failed sign-ins of an address, and deleted after retention.audit", []string{"TestChangesAreBounded", "TestFailedSignInsAreBounded", "TestSignInsAreBounded"}},
		{"device", "200 of an account", []string{"TestDevicesAreBounded", "TestDevicesAtOnceAreBounded"}},
		{"device_topic", "a row for each device and topic, which are bounded", []string{"TestDevicesAreBounded", "TestTopicsAndKeysAreBounded"}},
		{"idempotency", "ten minutes, by bytes published", []string{"TestSweepForgetsIdempotencyKeysFromTheFuture", "TestConfiguredBudgets"}},
		{"key", "limits.keys_per_account live ones, 100 paired ones, 1,000 that have ended", []string{"TestTopicsAndKeysAreBounded", "TestEndedCredentialsAreBounded"}},
		{"message", "retention, and bytes by address, token and account", []string{"TestConfiguredBudgets", "TestGrowthBeyondTheSizeIsCutSoon"}},
		{"message_day", "a row for each topic and day, deleted after retention.audit", []string{"TestTopicsAndKeysAreBounded"}},
		{"message_read", "deleted with its message, and by a visit of the topic", []string{"TestReadMarksEndWithMessages"}},
		{"migration", "by the program", nil},
		{"pairing", "ten that wait, others for an hour", []string{"TestPairingOffersAreBounded"}},
		{"pin", ofTopics, []string{"TestTopicsAndKeysAreBounded"}},
		{"recovery_code", "ten of an account", []string{"TestSecondFactor"}},
		{"second_factor", "one of an account", []string{"TestSecondFactor"}},
		{"sender", "a row for each topic and what has sent to it: " + ofChanges, []string{"TestChangesAreBounded"}},
		{"session", "of an account 200 of browsers, 500 of the API and those of paired devices", []string{"TestSessionsAreBounded"}},
		{"setting", "by the program", nil},
		{"stream_session", "a day, and 20,000 in all", []string{"TestStreamSessionsAreBounded"}},
		{"token", "tokens.max_per_topic live ones, 1,000 that have ended", []string{"TestEndedCredentialsAreBounded"}},
		{"token_address", "five of a token", []string{"TestTokenAddressesAreBounded"}},
		{"token_day", "a row for each token and day, deleted after retention.audit", []string{"TestEndedCredentialsAreBounded"}},
		{"token_ended", "the million newest, about 50 MB: " + ofChanges, []string{"TestEndedSecretsAreBounded"}},
		{"token_network", "256 of a token", []string{"TestTokenAddressesAreBounded"}},
		{"topic", "limits.topics_per_account", []string{"TestTopicsAndKeysAreBounded"}},
		{"topic_gone", "until the messages of the topic are deleted", []string{"TestChangesAreBounded"}},
		{"user", "made by admins; where auth.registration is on, one a minute and address", []string{"TestRegistrationIsBounded"}},
		{"visit", ofTopics, []string{"TestTopicsAndKeysAreBounded"}},
	}
}
