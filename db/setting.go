package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Setting reads a named value, or ErrNotFound.
func (d *DB) Setting(ctx context.Context, name string) ([]byte, error) {
	var v []byte
	err := d.row(ctx, "select value from setting where name = ?", name).Scan(&v)
	return v, notFound(err)
}

// SetSetting stores a named value.
func (d *DB) SetSetting(name string, value []byte) error {
	return d.write(func(tx *Tx) error { return tx.setSetting(name, value) })
}

func (t *Tx) setSetting(name string, value []byte) error {
	_, err := t.exec(setSetting, name, value)
	return err
}

const setSetting = `
	insert into setting (name, value)
	values (?, ?)
	on conflict (name) do update
	set value = excluded.value`

// digits is a number as settings hold it.
func digits(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// SettingTime reads a named moment that SetSettingTime has stored, the zero time when there is none.
func (d *DB) SettingTime(ctx context.Context, name string) (time.Time, error) {
	text, err := d.Setting(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("setting %s: %w", name, err)
	}
	return time.UnixMilli(ms), nil
}

// SetSettingTime stores a named moment, to the millisecond.
func (d *DB) SetSettingTime(name string, at time.Time) error {
	return d.SetSetting(name, digits(at.UnixMilli()))
}

// SettingOr reads a named value, storing what create returns when there is no value yet.
func (d *DB) SettingOr(ctx context.Context, name string, create func() []byte) ([]byte, error) {
	v, err := d.Setting(ctx, name)
	if !errors.Is(err, ErrNotFound) {
		return v, err
	}
	err = d.write(func(tx *Tx) error {
		_, err := tx.exec("insert or ignore into setting (name, value) values (?, ?)", name, create())
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.Setting(ctx, name)
}

// DeleteSetting removes a named value; removing an absent one succeeds.
func (d *DB) DeleteSetting(name string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from setting where name = ?", name)
		return err
	})
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return classify(err)
}
