package db

import (
	"database/sql"
)

func scanInt(row interface{ Scan(...any) error }) (int64, error) {
	var n int64
	return n, row.Scan(&n)
}

// collect reads all rows with scan; it closes them.
func collect[T any](rows *sql.Rows, err error, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, classify(rows.Err())
}
