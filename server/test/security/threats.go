// Package security holds the table of threats and the campaign against the built binary. Only tests use it.
//
// T1 to T58 are the threats by the numbers that tests name; Threats is their legend. Each lists the tests, here and beside the
// product, that would see it happen.
package security

// Threat is one thing that must not happen, and the tests that would see it.
type Threat struct {
	Name  string
	What  string
	Tests []string // functions, or files outside Go
}

// Threats lists T1 to T58.
func Threats() []Threat {
	return []Threat{
		{"T1", "a sibling route of the same data with less of a check", []string{"TestRightsMatrix"}},
		{"T2", "a new route without a check", []string{"TestRightsMatrix", "TestOnlyTheTableIsReachable", "TestHandlersAreRegisteredByTheTableOnly"}},
		{"T3", "guessing secrets", []string{"TestTokenFlood", "TestThrottleNeverLocksOut", "TestWrongCredentialsAreLogged", "TestSecretFaults"}},
		{"T4", "argon2id as a weapon", []string{"TestPasswordFlood", "TestHangingUpLosesNothing", "TestPermitsSurviveClientsThatHangUp", "TestPasswordQueueIsShort", "TestStoredHashesOutOfBounds", "FuzzStoredHash"}},
		{"T5", "accounts told apart by time or text", []string{"TestSignInTellsNothingByTimeOrText"}},
		{"T6", "topics told apart by time or text", []string{"TestHiddenTopicsLookUnknown", "TestHiddenTopicsAnswerInTheSameTime"}},
		{"T7", "a secret in a URL leaks", []string{"TestSecretsStayOut", "TestEveryPageHasThePolicy", "TestPublishIsNeverRedirected"}},
		{"T8", "a secret readable at rest", []string{"TestSecretsStayOut"}},
		{"T9", "a secret shown twice or cached", []string{"TestSecretsAreShownOnce", "TestEveryPageHasThePolicy"}},
		{"T10", "revoked, expired or disabled and still at work", []string{"TestRevokedStreamsDeliverNothingMore", "TestEveryCauseClosesItsStreams", "TestRevokeSurvivesACrash", "TestJWTEndsWithItsSession", "TestExportEndsWithItsRight", "TestRightsMatrix"}},
		{"T11", "scopes that grow", []string{"TestKeyNeverMintsScopesItLacks", "TestRightsMatrix"}},
		{"T12", "an object of somebody else by its id", []string{"TestTokenIDsOfOtherTopics", "TestRightsMatrix"}},
		{"T13", "deleted things within reach", []string{"TestTopicMadeAgainSharesNothing", "TestRightsMatrix"}},
		{"T14", "forged JWTs", []string{"TestForgedJWTs", "FuzzJWT"}},
		{"T15", "stolen or fixed sessions", []string{"TestCookieAttributes", "TestPasswordChangeEndsOtherSessions"}},
		{"T16", "cross-site request forgery", []string{"TestCrossSiteRequestForgery", "TestReadingChangesNothing", "TestFormsFromOtherSitesAreRefused", "TestFormsProveWhoseTheyAre"}},
		{"T17", "cross-site WebSockets", []string{"TestWebSocketOrigin", "TestRightsMatrix"}},
		{"T18", "DNS rebinding", []string{"TestForeignHosts", "TestSetupHappensOnce"}},
		{"T19", "answers to any other site", []string{"TestCrossOriginResourceSharing"}},
		{"T20", "script in a message or any other text", []string{"TestMarkupStaysText", "TestEveryPageHasThePolicy", "web/e2e/markup.mjs", "web/e2e/payloads.mjs"}},
		{"T21", "events injected into a stream", []string{"FuzzSSE", "TestEventParser"}},
		{"T22", "encoded header tricks", []string{"FuzzTitle", "TestOddRequests"}},
		{"T23", "forged log lines", []string{"TestLogForging", "FuzzForwardedFor"}},
		{"T24", "path confusion", []string{"FuzzTopicPath", "TestReservedNames", "TestOnlyTheTableIsReachable"}},
		{"T25", "redirects to other sites, links from a made-up Host", []string{"TestWhereSigningInLeads", "TestForeignHosts"}},
		{"T26", "a forged client address", []string{"TestForwardedAddress", "FuzzForwardedFor"}},
		{"T27", "slow clients", []string{"TestSlowClients", "TestConnectionPlaces", "TestBoundedListener"}},
		{"T28", "big and odd bodies", []string{"TestOddRequests", "FuzzJSONBody", "TestBadMessages", "FuzzTags", "FuzzPriority"}},
		{"T29", "requests hidden behind requests", []string{"TestOddRequests"}},
		{"T30", "floods of streams", []string{"TestStreamsAreBounded", "TestConnectionPlaces"}},
		{"T31", "dead peers that hold the shutdown", []string{"TestShutdown", "TestStalledReaders"}},
		{"T32", "requests made on a stranger's behalf", []string{"TestNoEgress"}},
		{"T33", "weak, cut or empty passwords", []string{"TestPasswordRules", "TestLongPasswordsAreNotCut", "TestStoredHashesOutOfBounds"}},
		{"T34", "default accounts", []string{"TestSetupHappensOnce", "TestFirstStart"}},
		{"T35", "public debug pages", []string{"TestOnlyTheTableIsReachable", "TestOddRequests"}},
		{"T36", "known faults in what is built in", []string{".ci/vulncheck"}},
		{"T37", "several spellings of one token", []string{"FuzzTokenText", "TestSecretFaults", "TestForgedJWTs"}},
		{"T38", "wildcards in look-ups", []string{"TestLookUpsAreByEquality"}},
		{"T39", "another's stream by a parameter", []string{"TestRightsMatrix"}},
		{"T40", "visibility that changes under open streams", []string{"TestVisibilityFlipClosesAnonymousStreams", "TestEveryCauseClosesItsStreams"}},
		{"T41", "a password alone, of an account that has a second factor", []string{"TestSecondFactor", "TestSecondFactorOfTheAPI", "TestFreshSignInDemandsTheCode"}},
		{"T42", "codes that are guessed or used again", []string{"TestCodesAreBounded", "TestSecondFactor", "TestMatch"}},
		{"T43", "a password that somebody else knows, kept", []string{"TestMustChange", "TestMustChangePages", "TestRightsMatrix"}},
		{"T44", "a demanded second factor that is not turned on", []string{"TestDemandedSecondFactor", "TestRightsMatrix"}},
		{"T45", "changes of accounts that leave no trace, or a trace that fills the disk", []string{"TestAccountEvents", "TestFailedSignInsAreBounded"}},
		{"T46", "a right password held up by the guesses of others", []string{"TestNobodyIsLockedOut", "TestCodesAreBounded"}},
		{"T47", "a pairing code that is guessed, used twice or used late", []string{"TestPairing", "TestPairingCodes"}},
		{"T48", "a key limited to topics that reaches others", []string{"TestLimitedKeyListsItsTopicsOnly", "TestKeysHandOutOnlyWhatTheyMay", "TestStreamsFollowTheTopicsOfAKey", "TestRightsMatrix"}},
		{"T49", "a signed webhook that is forged or sent again", []string{"TestSignatures"}},
		{"T50", "a template that never ends, fills the memory or reads credentials", []string{"TestExplodingTemplates", "TestRandomTemplates", "TestTemplatesReadNoCredentials"}},
		{"T51", "a payload that makes messages of its own kind", []string{"TestPayloadsThatFitNothing", "TestMutatedPayloads"}},
		{"T52", "a flood that fills the disk or pushes out what other topics hold", []string{"TestOneTopicsFloodDoesNotPushOutTheOthers", "TestGrowthBeyondTheSizeIsCutSoon", "TestConfiguredBudgets"}},
		{"T53", "a copy of a cookie that outlives the next sign-in of its browser", []string{"TestSigningInAgainEndsTheSessionBefore"}},
		{"T54", "bodies that cost more to read than they say", []string{"TestBodiesOfManyValues", "TestReceivedBytesAreCounted"}},
		{"T55", "an actor that cannot be told after a change of names", []string{"TestActivityNamesWhoActed", "TestDeniedAccessIsLogged"}},
		{"T56", "the anonymous who use up what others need", []string{"TestStreamsWithoutACredentialTakeNoPlaceOfOthers", "TestLargestPageIsSeen", "TestAccountBytesAreBounded"}},
		{"T57", "an account or token that fills the disk with other things than messages", []string{"TestEveryTableIsBounded", "TestChangesAreBounded", "TestTopicsAndKeysOfAnAccountAreBounded"}},
		{"T58", "a code that works again once what it made is deleted", []string{"TestUsedPairingStaysUsed"}},
	}
}
