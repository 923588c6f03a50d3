package db

import (
	"strings"
	"testing"
)

// BenchmarkReaders compares the reader's kept queries with *sql.Stmt, the place that database/sql has for them, and a page that is
// used where it was read with one that is kept:
//
//	go test ./db -run - -bench Readers
func BenchmarkReaders(b *testing.B) {
	d, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	u := User{Email: "ada@home.example", Username: "ada", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		b.Fatal(err)
	}
	topic := NewTopic("ops", u)
	if err := d.CreateTopic(&topic, By{Name: "ada"}); err != nil {
		b.Fatal(err)
	}
	for range 100 {
		if err := d.Publish(&Message{TopicID: topic.ID, Body: strings.Repeat("x", 100), Priority: 3}, nil); err != nil {
			b.Fatal(err)
		}
	}
	const page = "select " + messageFields + " from message where topic_id = ? and id > ? order by id limit ?"
	stmt, err := d.read.Prepare(page)
	if err != nil {
		b.Fatal(err)
	}
	defer stmt.Close()
	b.Run("page/kept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if list, err := d.messages(b.Context(), page, topic.ID, 0, 100); err != nil || len(list) != 100 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("page/used", func(b *testing.B) { // as a stream reads it
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			err := d.MessagesBetween(b.Context(), []int64{topic.ID}, 0, idMax, 100, func(list []Message) error {
				n = len(list)
				return nil
			})
			if err != nil || n != 100 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("page/stmt", func(b *testing.B) {
		for b.Loop() {
			rows, err := stmt.Query(topic.ID, 0, 100)
			list, err := collect(rows, err, func(scanner) (m Message, err error) {
				err = m.scanRow(rows)
				return m, err
			})
			if err != nil || len(list) != 100 {
				b.Fatal(len(list), err)
			}
		}
	})
	const name = "select name from topic where id = ?"
	one, err := d.read.Prepare(name)
	if err != nil {
		b.Fatal(err)
	}
	defer one.Close()
	var text string
	b.Run("row/kept", func(b *testing.B) {
		for b.Loop() {
			if err := d.row(b.Context(), name, topic.ID).Scan(&text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("row/stmt", func(b *testing.B) {
		for b.Loop() {
			if err := one.QueryRow(topic.ID).Scan(&text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
