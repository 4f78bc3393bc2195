package tenon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const domainsLib = "../../tests/guests/domains/wasm/lib.wasm"

// Resources of a component in Rust.
func TestRustGuest(t *testing.T) {
	const lib = "demo:domains/lib"
	for _, options := range [][]Option{{}, {Isolate()}} {
		c := must(Link(ctx, append(options, Component("lib", domainsLib), Restart("", 100, 0))...))(t)
		defer c.Close()
		u := must(c.Unit("lib"))(t)
		counter := must(Func1[uint32, *Resource](u, lib, "[constructor]counter"))(t)
		next := must(Func1[*Resource, uint32](u, lib, "[method]counter.next"))(t)
		peek := must(Func2[*Resource, *Resource, uint32](u, lib, "[method]counter.peek"))(t)
		merge := must(Func2[*Resource, *Resource, *Resource](u, lib, "[static]counter.merge"))(t)
		a, b := must(counter(ctx, 5))(t), must(counter(ctx, 50))(t)
		must(next(ctx, a))(t)
		must(peek(ctx, a, b))(t)
		must(peek(ctx, a, a))(t)
		_, err := merge(ctx, a, a)
		wantError(t, err, "value-handle", "")
		merged := must(merge(ctx, a, b))(t)
		must(next(ctx, merged))(t)
		_, err = next(ctx, b)
		wantError(t, err, "value-handle", "")
		boom := must(Func0[None](u, lib, "boom"))(t)
		_, err = boom(ctx)
		wantFailure(t, err, Trap, "")
		_, err = next(ctx, merged)
		wantError(t, err, "value-handle", "")
		merged.Close()
	}
}

type token struct {
	Kind string
	Text string
}

type failure struct {
	UnknownLanguage *string
	TooLarge        *uint32
}

// Errors whose payload is a variant, of components in C++, Python and JavaScript.
func checkHighlighter(t *testing.T, c *Composition) {
	t.Helper()
	highlight := must(Func2[string, string, []token](c, "press:text/syntax", "highlight"))(t)
	_, err := highlight(ctx, "cobol", "MOVE A TO B.")
	var failed *ErrorValue[failure]
	if !errors.As(err, &failed) || *failed.Value.UnknownLanguage != "cobol" || failed.Value.TooLarge != nil {
		t.Error(err)
	}
	if err == nil || err.Error() != "highlight: unknown-language(cobol)" || failed.Error() != "{UnknownLanguage: cobol}" {
		t.Error(err, failed)
	}
	for _, language := range []string{"c", "sh", "json", "toy"} {
		if tokens, err := highlight(ctx, language, "int x = 1; // ünï"); err == nil {
			var text strings.Builder
			for _, token := range tokens {
				text.WriteString(token.Text)
			}
			if text.String() != "int x = 1; // ünï" {
				t.Error(language, tokens)
			}
		}
	}
}

func TestTypedErrors(t *testing.T) {
	c := must(Link(ctx, Component("highlighter", "../../examples/press/wasm/highlighter.wasm")))(t)
	defer c.Close()
	checkHighlighter(t, c)
}

func TestCommand(t *testing.T) {
	c := must(Link(ctx, Component("hello", "../../tests/guests/wasm/hello.wasm"), Arguments("exit:7"), Variable("", "A", "b")))(t)
	defer c.Close()
	if code := must(c.RunCommand(ctx))(t); code != 7 {
		t.Error(code)
	}
}

// hostileGuest returns what breaks the Canonical ABI.
func hostileGuest(result, code string) string {
	return fmt.Sprintf(`(component
  (core module $code (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "f") (result i32) %s))
  (core instance $code (instantiate $code))
  (func (export "f") (result %s) (canon lift (core func $code "f")
    (memory $code "memory") (realloc (func $code "realloc")))))`, code, result)
}

func TestConfig(t *testing.T) {
	path := "../../tests/guests/bundles/wasm/services.wasm"
	c := linkFile(t, path, AllowUnresolved(), Config("guest", "greeting", "hello"))
	if found := must(c.CallText(ctx, "whole-config()"))(t); found != `[("greeting", "hello")]` {
		t.Error(found)
	}
}

// Two functions of the C library, one of which ends the process.
func TestBundlesInProcesses(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"host.toml": `[host]
name = "libc"
lib = "libc.so.6"
wit = "libc.wit"
abi = "c"
[[function]]
wit = "acme:c/lib.abs"
symbol = "abs"
[[function]]
wit = "acme:c/lib.abort"
symbol = "abort"
`,
		"libc.wit": "package acme:c; interface lib { abs: func(n: s32) -> s32; abort: func(); } world host { export lib; }",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := linkText(t, `(component
  (import "acme:c/lib" (instance $lib (export "abs" (func (param "n" s32) (result s32))) (export "abort" (func))))
  (export "lib" (instance $lib)))`,
		ManifestText("schema = 1\n[hosts.libc]\nbundle = \".\"\n", folder), Root("guest"), Restart("", 10, 0),
		RunInProcess("libc", Process{NoFiles: true, NoNetwork: true, Memory: 256 << 20, CPU: time.Second,
			Descriptors: 32, Restarts: 1, Within: time.Minute}))
	for range 2 {
		if found := must(c.CallText(ctx, "lib.abs(-3)"))(t); found != "3" {
			t.Error(found)
		}
		if _, err := c.CallText(ctx, "lib.abort()"); !strings.Contains(err.Error(), "was ended by SIGABRT") {
			t.Error(err)
		}
	}
	if _, err := c.CallText(ctx, "lib.abs(-3)"); !strings.Contains(err.Error(), "has been restarted once") {
		t.Error(err)
	}
}

func TestHostileGuests(t *testing.T) {
	pair := func(address, size string) string {
		return fmt.Sprintf("(i32.store (i32.const 0) (i32.const %s)) (i32.store (i32.const 4) (i32.const %s)) (i32.const 0)", address, size)
	}
	expect := func(what string, c *Composition, call func() error) {
		t.Helper()
		err := call()
		var failed *CallError
		if !errors.As(err, &failed) || failed.Kind != Trap {
			t.Errorf("%s: %v", what, err)
		}
	}
	text := func(what, code string) {
		t.Helper()
		c := linkText(t, hostileGuest("string", code))
		f := must(Func0[string](c, "", "f"))(t)
		expect(what, c, func() error { _, err := f(ctx); return err })
	}
	text("a string outside of the memory", pair("65535", "2"))
	text("a string that is too long", pair("8", "0xFFFFFFFF"))
	text("a string that is not UTF-8", "(i32.store (i32.const 8) (i32.const 0xFF)) "+pair("8", "1"))
	text("a result outside of the memory", "(i32.const 0xFFFFFFFC)")
	text("a result that is not aligned", "(i32.const 2)")
	c := linkText(t, hostileGuest("(list u64)", pair("4", "1")))
	numbers := must(Func0[[]uint64](c, "", "f"))(t)
	expect("a list that is not aligned", c, func() error { _, err := numbers(ctx); return err })
	c = linkText(t, hostileGuest("(list (list string))", pair("8", "0x20000000")))
	lists := must(Func0[[][]string](c, "", "f"))(t)
	expect("a list that is too long", c, func() error { _, err := lists(ctx); return err })
	c = linkText(t, hostileGuest("char", "(i32.const 0xD800)"))
	char := must(Func0[Char](c, "", "f"))(t)
	expect("a surrogate", c, func() error { _, err := char(ctx); return err })
	c = linkText(t, hostileGuest("(option string)", "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)"))
	option := must(Func0[*string](c, "", "f"))(t)
	expect("a case that does not exist", c, func() error { _, err := option(ctx); return err })
}
