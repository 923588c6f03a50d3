package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"
)

// row reads one row by a key. It takes microseconds: a context that can end would cost more, in a goroutine that watches it.
func (d *DB) row(ctx context.Context, query string, args ...any) *sql.Row {
	return d.read.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// unwatched is the context of a query about topics. A query about one topic reads a page and ends soon by itself;
// one about many reads a page of each, so it is worth watching for the end of its request.
func unwatched(ctx context.Context, topics []int64) context.Context {
	if len(topics) > 1 {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// messages reads rows of messageFields. It takes them from the driver itself: database/sql would convert nine values of
// each row by reflection and lock twice, a third of the time of a history page.
func (d *DB) messages(ctx context.Context, query string, args ...any) ([]Message, error) {
	return d.messagesWithin(ctx, pageBytes, query, args)
}

// messagesWithin is messages with a bound of its own on the bytes: it ends with the row that reaches it.
func (d *DB) messagesWithin(ctx context.Context, bytes int, query string, args []any) (list []Message, err error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return nil, classify(err)
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		list, err = d.driverMessages(ctx, raw.(driver.QueryerContext), bytes, query, args)
		return err
	})
	if err != nil {
		return nil, classify(err)
	}
	return list, nil
}

func (d *DB) driverMessages(ctx context.Context, conn driver.QueryerContext, bytes int, query string, args []any) ([]Message, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rows, err := conn.QueryContext(ctx, query, named)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Message
	var row [messageColumns]driver.Value
	for size := 0; size < bytes; {
		if err := rows.Next(row[:]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		list = append(list, Message{})
		m := &list[len(list)-1]
		if err := m.scan(&row); err != nil {
			return nil, err
		}
		size += m.size()
	}
	return list, nil
}

// scan reads messageFields and proves the row against its checksum; a value of a wrong type reads as zero, so the checksum fails.
func (m *Message) scan(row *[messageColumns]driver.Value) error {
	id, _ := row[0].(int64)
	at, _ := row[2].(int64)
	priority, _ := row[3].(int64)
	crc, _ := row[8].(int64)
	m.ID, m.At, m.Priority = ID(id), time.UnixMilli(at), int(priority)
	m.TopicID, _ = row[1].(int64)
	m.Title, m.HasTitle = row[4].(string)
	m.Body, _ = row[5].(string)
	m.Tags, _ = row[6].(string)
	m.extra, _ = row[7].(string)
	if m.checksum(m.TopicID, at) != uint32(crc) {
		return fmt.Errorf("%w: message %s does not match its checksum", ErrCorrupt, m.ID)
	}
	return nil
}

// scanRow is scan for a walk over the whole store, where the connection is not ours alone.
func (m *Message) scanRow(rows *sql.Rows) error {
	var values [messageColumns]any
	var row [messageColumns]driver.Value
	to := make([]any, len(values))
	for i := range values {
		to[i] = &values[i]
	}
	if err := rows.Scan(to...); err != nil {
		return classify(err)
	}
	for i, v := range values {
		row[i] = v
	}
	return m.scan(&row)
}
