package tenon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var ctx = context.Background()

// Memory of a guest that is free again after each call.
const libc = `(core module $libc (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (func (export "reset") (global.set $free (i32.const 1024)))
  (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.and (i32.const -8) (i32.add (global.get $free) (i32.add (local.get $size) (i32.const 7)))))
    (loop $grow
      (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
        (then (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $grow))))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))`

// writeGuest writes the text of a component to a file.
func writeGuest(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "guest.wat")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// linkText links a component with the name `guest`.
func linkText(t testing.TB, text string, options ...Option) *Composition {
	t.Helper()
	return linkFile(t, writeGuest(t, text), options...)
}

func linkFile(t testing.TB, path string, options ...Option) *Composition {
	t.Helper()
	c, err := Link(ctx, append([]Option{Component("guest", path)}, options...)...)
	if err != nil {
		t.Fatal(textOf(err))
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func textOf(err error) string {
	var problems *Error
	if errors.As(err, &problems) {
		return problems.Text()
	}
	return err.Error()
}

func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(textOf(err))
		}
		return value
	}
}

// wantError checks for a code and a part of the text.
func wantError(t testing.TB, err error, code, part string) {
	t.Helper()
	var problems *Error
	switch {
	case err == nil:
		t.Errorf("no error, expected %s: %s", code, part)
	case !errors.As(err, &problems):
		t.Errorf("%T: %v, expected %s", err, err, code)
	case problems.Diagnostics[0].Code != code || !strings.Contains(problems.Text(), part):
		t.Errorf("expected %s: %s\nfound %s", code, part, problems.Text())
	}
}

func wantFailure(t testing.TB, err error, kind FailureKind, part string) {
	t.Helper()
	var failed *CallError
	if !errors.As(err, &failed) || failed.Kind != kind || !strings.Contains(failed.Text(), part) {
		t.Errorf("expected a failure of kind %d: %s\nfound %v", kind, part, err)
	}
}

const (
	kinds = "../../tests/guests/kinds/kinds.wat"
	// The set `same` of tests/values/make.py.
	echoGuest = "../../tests/values/gen/same.wat"
)

type Item struct {
	Name  string
	Price *float64
	Tags  []string
}

const item = `(type $item' (record (field "name" string) (field "price" (option f64)) (field "tags" (list string))))
  (import "item" (type $item (eq $item')))`

type Color uint8

func (Color) EnumLabels() []string { return []string{"red", "dark-green", "func"} }

func ptr[T any](v T) *T { return &v }

var long = strings.Repeat("häuser und bäume ", 5000)
