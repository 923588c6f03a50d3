package db_test

import (
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// BenchmarkPublish stores messages from 64 goroutines, without a sender and with one:
//
//	go test -run '^$' -bench Publish -count 10 ./db
func BenchmarkPublish(b *testing.B) {
	for name, sender := range map[string]*db.Sender{"anonymous": nil, "token": {Kind: db.SentByToken, ID: "token_abcdefghijklmnop", Name: "CI Pipeline"}} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.New(b)
			topic := dbtest.Topic(b, d, "ops-east")
			b.SetParallelism(32)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					m := db.Message{TopicID: topic.ID, Priority: 3, Title: "Nightly job", HasTitle: true, Body: "Backup finished in 42 minutes", Tags: "backup,nas", Sender: sender}
					if err := d.Publish(&m, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
