//go:build !linux

package cli

func forgetText() {}
