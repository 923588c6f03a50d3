package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
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

// messages reads rows of messageFields. It takes them from the driver itself: database/sql would convert ten values of
// each row by reflection and lock twice, a third of the time of a history page.
func (d *DB) messages(ctx context.Context, query string, args ...any) ([]Message, error) {
	var list []Message
	err := d.useMessages(ctx, func(page []Message) error {
		list = slices.Clone(page)
		return nil
	}, pageBytes, query, args)
	return list, err
}

// useMessages calls use with the rows that messages would return, up to the one that reaches a number of bytes. The list is used
// again once the call is over; the connection has been given back before it. A damaged message keeps its place in the list, without its
// texts: one of them must not end all that comes after it.
func (d *DB) useMessages(ctx context.Context, use func([]Message) error, bytes int, query string, args []any) error {
	page := pages.Get().(*scannedPage)
	defer page.put()
	if err := d.readPage(ctx, page, bytes, query, args); err != nil {
		return classify(err)
	}
	if page.damaged {
		d.noteDamage(page.list)
	}
	return use(page.list)
}

func (d *DB) readPage(ctx context.Context, page *scannedPage, bytes int, query string, args []any) error {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error { return page.read(ctx, raw.(driver.QueryerContext), bytes, query, args) })
}

func (p *scannedPage) read(ctx context.Context, conn driver.QueryerContext, bytes int, query string, args []any) error {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rows, err := conn.QueryContext(ctx, query, named)
	if err != nil {
		return err
	}
	defer rows.Close()
	row := &p.row
	for size := 0; size < bytes; {
		if err := rows.Next(row[:]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		p.list = append(p.list, Message{})
		m := &p.list[len(p.list)-1]
		if m.scan(row, &p.head) != nil {
			m.hideDamage()
			p.damaged = true
		}
		size += m.size()
	}
	return nil
}

// scannedPage is the room that a page is read in: how many rows come is known at its end, and what is too large or is made for
// each row is a third of what the collector has to clear away after a history.
type scannedPage struct {
	list    []Message
	row     [messageColumns]driver.Value
	head    checksumHead
	damaged bool // some of the list are
}

var pages = sync.Pool{New: func() any { return new(scannedPage) }}

// put keeps the room of an ordinary page for the next one, and nothing of what was in it.
func (p *scannedPage) put() {
	if cap(p.list) > 2*searchPageRows {
		return
	}
	clear(p.list)
	clear(p.row[:])
	p.list, p.damaged = p.list[:0], false
	pages.Put(p)
}

// scan reads messageFields and proves the row against its checksum; a value of a wrong type reads as zero, so the checksum fails.
func (m *Message) scan(row *[messageColumns]driver.Value, head *checksumHead) error {
	id, _ := row[0].(int64)
	at, _ := row[2].(int64)
	priority, _ := row[3].(int64)
	crc, _ := row[9].(int64)
	m.ID, m.At, m.Priority = ID(id), time.UnixMilli(at), int(priority)
	m.TopicID, _ = row[1].(int64)
	m.Title, m.HasTitle = row[4].(string)
	m.Body, _ = row[5].(string)
	m.Tags, _ = row[6].(string)
	m.extra, _ = row[7].(string)
	m.sender, _ = row[8].(int64)
	if m.checksum(head, m.TopicID, at) != uint32(crc) {
		return fmt.Errorf("%w: %s", ErrDamaged, m.ID)
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
	return m.scan(&row, new(checksumHead))
}
