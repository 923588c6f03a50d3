//go:build !linux

package daemon

func forgetText() {}
