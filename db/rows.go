package db

import (
	"context"
	"database/sql"
)

// querier is a connection, or a pool of them.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is one row: a *sql.Row, or *sql.Rows at a row.
type scanner interface{ Scan(...any) error }

// scanValue reads a row of one column.
func scanValue[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// collect reads all rows with scan; it closes them.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	var list []T
	err = each(rows, err, func(row scanner) error {
		v, err := scan(row)
		list = append(list, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// each calls fn at every row until it fails; it closes the rows.
func each(rows *sql.Rows, err error, fn func(scanner) error) error {
	if err != nil {
		return classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return classify(rows.Err())
}

// someRow is ErrNotFound for a statement that has changed no row.
func someRow(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}
