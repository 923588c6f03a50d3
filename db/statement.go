package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// statements run in every transaction of the writer. They are prepared once, on the driver's own connection: database/sql
// would parse each anew and lock twice, as long as it takes to insert ten messages.
type statements struct {
	begin, commit, version driver.Stmt
	insert                 [insertForms]driver.Stmt
}

// all are the statements with their SQL.
func (s *statements) all() map[*driver.Stmt]string {
	list := map[*driver.Stmt]string{&s.begin: "begin immediate", &s.commit: "commit", &s.version: "pragma data_version"}
	for form := range s.insert {
		list[&s.insert[form]] = insertSQL(1 << form)
	}
	return list
}

// prepare compiles the statements on the connection of the writer.
func (w *writer) prepare() error {
	return w.conn.Raw(func(c any) error {
		for stmt, query := range w.stmts.all() {
			s, err := c.(driver.Conn).Prepare(query)
			if err != nil {
				return fmt.Errorf("prepare: %w", err)
			}
			*stmt = s
		}
		return nil
	})
}

func (s *statements) close() error {
	var err error
	for stmt := range s.all() {
		if *stmt != nil {
			err = errors.Join(err, (*stmt).Close())
		}
	}
	return err
}

// run executes a prepared statement. Only the leader may call it.
func run(s driver.Stmt, args []driver.NamedValue) error {
	_, err := s.(driver.StmtExecContext).ExecContext(context.Background(), args)
	return err
}

// dataVersion is PRAGMA data_version: it changes only for commits of other connections.
func (s *statements) dataVersion() (int64, error) {
	rows, err := s.version.(driver.StmtQueryContext).QueryContext(context.Background(), nil)
	if err != nil {
		return 0, err
	}
	var row [1]driver.Value
	err = rows.Next(row[:])
	if err = errors.Join(err, rows.Close()); err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}
