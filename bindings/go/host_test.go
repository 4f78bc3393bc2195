package tenon

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// caller imports functions with all forms of results, and calls them.
const caller = `(component ` + libc + `
  (import "test:go/host" (instance $host
    (export "number" (func (param "n" u32) (result u32)))
    (export "parse" (func (param "text" string) (result (result u32 (error string)))))
    (export "check" (func (param "n" u32) (result (result (error u32)))))
    (export "note" (func (param "text" string)))))
  (core func $number (canon lower (func $host "number")))
  (core func $parse (canon lower (func $host "parse") (memory $memory) (realloc $realloc)))
  (core func $check (canon lower (func $host "check") (memory $memory)))
  (core func $note (canon lower (func $host "note") (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "number" (func $number (param i32) (result i32)))
    (import "" "parse" (func $parse (param i32 i32 i32)))
    (import "" "check" (func $check (param i32 i32)))
    (import "" "note" (func $note (param i32 i32)))
    (global $calls (mut i32) (i32.const 0))
    (func (export "number") (param i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (call $number (local.get 0)))
    (func (export "calls") (result i32) (global.get $calls))
    (func (export "parse") (param i32 i32) (result i32)
      (call $parse (local.get 0) (local.get 1) (i32.const 0)) (i32.const 0))
    (func (export "check") (param i32) (result i32)
      (call $check (local.get 0) (i32.const 16)) (i32.const 16))
    (func (export "note") (param i32 i32) (call $note (local.get 0) (local.get 1))))
  (core instance $code (instantiate $code (with "" (instance (export "memory" (memory $memory))
    (export "number" (func $number)) (export "parse" (func $parse)) (export "check" (func $check)) (export "note" (func $note))))))
  (func (export "number") (param "n" u32) (result u32) (canon lift (core func $code "number")))
  (func (export "calls") (result u32) (canon lift (core func $code "calls")))
  (func (export "parse") (param "text" string) (result (result u32 (error string)))
    (canon lift (core func $code "parse") (memory $memory) (realloc $realloc)))
  (func (export "check") (param "n" u32) (result (result (error u32))) (canon lift (core func $code "check") (memory $memory)))
  (func (export "note") (param "text" string) (canon lift (core func $code "note") (memory $memory) (realloc $realloc))))`

const host = "test:go/host"

// hostOptions provides caller; functions given come in place of the usual ones.
func hostOptions(functions map[string]any) []Option {
	all := map[string]any{
		"number": func(n uint32) uint32 { return n + 1 },
		"parse": func(text string) (uint32, error) {
			var n uint32
			if _, err := fmt.Sscan(text, &n); err != nil {
				return 0, errors.New("not a number: " + text)
			}
			return n, nil
		},
		"check": func(n uint32) error {
			if n > 9 {
				return &ErrorValue[uint32]{n}
			}
			return nil
		},
		"note": func(string) {},
	}
	options := []Option{Restart("", 1000, 0)}
	for name, fn := range all {
		if functions[name] != nil {
			fn = functions[name]
		}
		options = append(options, HostFunc(host, name, fn))
	}
	return options
}

func TestHostFunctions(t *testing.T) {
	path := writeGuest(t, caller)
	withContext := map[string]any{
		"number": func(_ context.Context, n uint32) uint32 { runtime.Gosched(); return n + 1 },
		"parse": func(_ context.Context, text string) (uint32, error) {
			var n uint32
			if _, err := fmt.Sscan(text, &n); err != nil {
				return 0, errors.New("not a number: " + text)
			}
			return n, nil
		},
	}
	for _, functions := range []map[string]any{nil, withContext} {
		for _, more := range [][]Option{{}, {Isolate()}, {Parallel()}} {
			c := linkFile(t, path, append(hostOptions(functions), more...)...)
			u := must(c.Unit("guest"))(t)
			if n := must(must(Func1[uint32, uint32](u, "", "number"))(t)(ctx, 41))(t); n != 42 {
				t.Error(n)
			}
			parse := must(Func1[string, uint32](u, "", "parse"))(t)
			if n := must(parse(ctx, "17"))(t); n != 17 {
				t.Error(n)
			}
			_, err := parse(ctx, "x")
			var failed *ErrorValue[string]
			if !errors.As(err, &failed) || failed.Value != "not a number: x" {
				t.Error(err)
			}
			check := must(Func1[uint32, None](u, "", "check"))(t)
			must(check(ctx, 9))(t)
			_, err = check(ctx, 10)
			var number *ErrorValue[uint32]
			if !errors.As(err, &number) || number.Value != 10 {
				t.Error(err)
			}
			must(must(Func1[string, None](u, "", "note"))(t)(ctx, "x"))(t)
		}
	}
}

func TestHostFailures(t *testing.T) {
	path := writeGuest(t, caller)
	var nilItem *Item
	for what, of := range map[string]struct {
		number  any
		message string
	}{
		"a panic":                {func(uint32) uint32 { panic("no more numbers") }, "panic: no more numbers"},
		"a panic with an error":  {func(uint32) uint32 { panic(errors.New("x%s%n")) }, "panic: x%s%n"},
		"nil":                    {func(uint32) uint32 { return uint32(len(nilItem.Name)) }, "nil pointer dereference"},
		"a panic on a goroutine": {func(context.Context, uint32) uint32 { panic("no more numbers") }, "panic: no more numbers"},
		"the end of a goroutine": {func(context.Context, uint32) uint32 { runtime.Goexit(); return 1 }, "its goroutine has ended"},
	} {
		c := linkFile(t, path, hostOptions(map[string]any{"number": of.number})...)
		number := must(Func1[uint32, uint32](c, "", "number"))(t)
		for range 2 {
			_, err := number(ctx, 1)
			var failed *CallError
			if !errors.As(err, &failed) || failed.Kind != Trap || !strings.Contains(failed.Message, of.message) {
				t.Errorf("%s: expected %s\nfound %v", what, of.message, err)
			}
		}
	}
}

// The payload of an error has a type that is only known when the function returns it.
func TestHostErrors(t *testing.T) {
	for message, err := range map[string]error{
		"the Go type `chan int`": &ErrorValue[chan int]{},
		"the Go type `string`":   errors.New("not a number"),
	} {
		c := linkText(t, caller, hostOptions(map[string]any{"check": func(uint32) error { return err }})...)
		_, failure := must(Func1[uint32, None](c, "", "check"))(t)(ctx, 1)
		var failed *CallError
		if !errors.As(failure, &failed) || failed.Kind != Trap || !strings.Contains(failed.Message, message) {
			t.Errorf("expected %s\nfound %v", message, failure)
		}
	}
}

// Go types are compared with those of the imports when the composition is linked.
func TestHostTypesOfImports(t *testing.T) {
	path := writeGuest(t, caller)
	for what, of := range map[string]struct {
		name, message string
		fn            any
	}{
		"another parameter":           {"number", "`parameter 1`: the Go type `string` does not fit `u32`", func(string) uint32 { return 1 }},
		"another parameter, later":    {"number", "`parameter 2`: the Go type `string`", func(context.Context, string) uint32 { return 1 }},
		"too many parameters":         {"number", "the Go function has 2 parameters, and the import 1: `number: func(n: u32) -> u32;`", func(_, _ uint32) uint32 { return 1 }},
		"no parameters":               {"number", "has 0 parameters, and the import 1", func() uint32 { return 1 }},
		"another result":              {"number", "`result`: the Go type `string` does not fit `u32`", func(uint32) string { return "x" }},
		"no result":                   {"number", "the Go function has no result, and the import has one", func(uint32) {}},
		"a result too many":           {"note", "the Go function has a result, and the import has none", func(string) uint32 { return 1 }},
		"an error in place of a trap": {"number", "returns an error, and the import no `result`", func(uint32) (uint32, error) { return 1, nil }},
		"no error":                    {"parse", "the Go type `uint32` does not fit `result<u32, string>`", func(string) uint32 { return 1 }},
		"no payload":                  {"parse", "the Go function has no result, and the import has one", func(string) error { return nil }},
		"a resource":                  {"number", "the Go type `*tenon.Resource` does not fit `u32`", func(uint32) *Resource { return nil }},
		"a stream":                    {"number", "does not fit `u32`", func(uint32) *Stream[byte] { return nil }},
		"a character":                 {"number", "the Go type `tenon.Char` does not fit `u32`", func(uint32) Char { return 'x' }},
	} {
		_, err := Link(ctx, append(hostOptions(map[string]any{of.name: of.fn}), Component("guest", path))...)
		var problems *Error
		if !errors.As(err, &problems) || problems.Diagnostics[0].Code != "type-signature" || !strings.Contains(err.Error(), of.message) {
			t.Errorf("%s: expected %s\nfound %v", what, of.message, err)
		}
	}
	_, err := Link(ctx, append(hostOptions(nil), Component("guest", path), Component("gone", "gone.wasm"))...)
	if err == nil || !strings.Contains(err.Error(), "gone.wasm") {
		t.Error(err)
	}
}

// points has a variant, a tuple, an enum, flags and a character, for Go types that do not say so.
const points = `(component ` + libc + `
  (import "test:go/points" (instance $points
    (type $color' (enum "red" "green"))
    (export "color" (type $color (eq $color')))
    (type $marks' (flags "a" "b"))
    (export "marks" (type $marks (eq $marks')))
    (type $point' (record (field "y" u8) (field "x" u8)))
    (export "point" (type $point (eq $point')))
    (type $shape' (variant (case "dot" $point) (case "none")))
    (export "shape" (type $shape (eq $shape')))
    (export "show" (func (param "color" $color) (param "marks" $marks) (param "shape" $shape) (param "size" (tuple u8 char))
      (result u32)))))
  (core func $show (canon lower (func $points "show")))
  (core module $code
    (import "" "show" (func $show (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (func (export "f") (result i32) (call $show (i32.const 1) (i32.const 2) (i32.const 0) (i32.const 3) (i32.const 4)
      (i32.const 5) (i32.const 120))))
  (core instance $code (instantiate $code (with "" (instance (export "show" (func $show))))))
  (func (export "f") (result u32) (canon lift (core func $code "f"))))`

func TestHostTypesNeedNoMarkers(t *testing.T) {
	type point struct{ X, Y uint8 }
	type shape struct {
		None bool
		Dot  *point
	}
	type size struct {
		Width uint8
		Unit  rune
	}
	show := func(color string, marks uint8, of shape, in size) uint32 {
		if color == "green" && marks == 2 && *of.Dot == (point{X: 4, Y: 3}) && in == (size{5, 'x'}) {
			return 7
		}
		return 0
	}
	for _, name := range []string{"test:go/points", "test:go/*", "t*:*/p*s"} {
		c := linkText(t, points, HostFunc(name, "show", show))
		if n := must(must(Func0[uint32](c, "", "f"))(t)(ctx))(t); n != 7 {
			t.Errorf("%s: %d", name, n)
		}
		_, err := Link(ctx, Component("guest", writeGuest(t, points)), HostFunc(name, "show", func(int8) uint32 { return 0 }))
		wantError(t, err, "type-signature", "show")
	}
}

func TestNamesOfInterfaces(t *testing.T) {
	for pattern, expected := range map[string]bool{"a:b/c": true, "a:b/c@1.2.0": true, "a:b/c@1": false, "a:b/*": true, "*": true, "*c": true,
		"*@1.2.0": true, "a:b/*@2": false, "a*a:b/c": false, "a:b*b/c": false, "a:*b*/c": true, "**/*c*": true, "a:b/": false, "": false} {
		if found := isOf("a:b/c@1.2.0", pattern); found != expected {
			t.Errorf("%s: %v", pattern, found)
		}
	}
}

func TestHostTypes(t *testing.T) {
	type recursive struct{ Next []recursive }
	for what, of := range map[string]struct {
		fn      any
		message string
	}{
		"nil":            {nil, "must be a function"},
		"no function":    {3, "must be a function"},
		"a nil function": {(func())(nil), "must be a function"},
		"variadic":       {func(...string) {}, "variadic"},
		"a channel":      {func(chan int) {}, "`chan int` does not stand for a type"},
		"results":        {func() (int, int) { return 1, 2 }, "it has 2 results"},
		"an interface":   {func(any) {}, "`interface {}`"},
		"recursive":      {func(recursive) {}, "contains itself"},
		"a variant": {func(struct {
			_ Variant
			A int
		}) {
		}, "a case is a pointer or a bool"},
		"an unexported":    {func(struct{ a int }) {}, "not exported"},
		"an unsafe number": {func(uintptr) {}, "`uintptr`"},
	} {
		_, err := Link(ctx, Component("guest", kinds), HostFunc(host, "f", of.fn))
		var problems *Error
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), of.message) {
			t.Errorf("%s: expected %s\nfound %v", what, of.message, err)
		}
	}
	_, err := Link(ctx, Component("guest", kinds), HostFunc(host, "f", 3), HostFunc(host, "g", 4))
	if err == nil || !strings.Contains(err.Error(), "(and 1 more)") {
		t.Error(err)
	}
	if _, err := Link(ctx, Component("guest", kinds), HostResource[Item]("a:b/c", "item")); err == nil || !strings.Contains(err.Error(), "must be a pointer") {
		t.Error(err)
	}
}

// A function of the program calls the composition again.
func TestNestedCalls(t *testing.T) {
	path := writeGuest(t, caller)
	other := linkText(t, spinner, Isolate(), Restart("", 100, 0))
	next := must(Func0[uint32](must(other.Unit("guest"))(t), "", "next"))(t)
	var c *Composition
	call := func(ctx context.Context, number uint32) error {
		bounded, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		if number == 1 { // the same guest
			var calls uint32
			return must(c.Function("", "calls"))(t).Call(bounded, &calls)
		}
		_, err := next(bounded)
		return err
	}
	for code, fn := range map[string]any{
		"run-reentrance": func(n uint32) uint32 {
			if err := call(ctx, n); err != nil {
				panic(err)
			}
			return n
		},
		// On another goroutine, the call waits for the guest, until its context ends.
		"run-interrupted": func(ctx context.Context, n uint32) uint32 {
			if err := call(ctx, n); err != nil {
				panic(err)
			}
			return n
		},
	} {
		c = linkFile(t, path, hostOptions(map[string]any{"number": fn})...)
		number := must(Func1[uint32, uint32](c, "", "number"))(t)
		must(number(ctx, 2))(t)
		_, err := number(ctx, 1)
		var problems *Error
		if !errors.As(err, &problems) || !strings.Contains(problems.Text(), code) {
			t.Errorf("a guest was entered while it runs: %v", err)
		}
		must(number(ctx, 2))(t)
	}
}

// The context of a call into another composition ends that call alone.
func TestNestedCallsEndAlone(t *testing.T) {
	other := linkText(t, spinner, Restart("", 100, 0))
	spin := must(Func0[None](other, "", "spin"))(t)
	c := linkText(t, caller, hostOptions(map[string]any{"number": func(n uint32) uint32 {
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		if _, err := spin(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		return n
	}})...)
	number := must(Func1[uint32, uint32](c, "", "number"))(t)
	for n := range uint32(3) {
		if found := must(number(ctx, n))(t); found != n {
			t.Error(found)
		}
	}
}

// The context of a function of the program ends when nobody waits for it any more.
func TestContextsOfHostFunctions(t *testing.T) {
	ended := make(chan error, 1)
	c := linkText(t, caller, hostOptions(map[string]any{"number": func(ctx context.Context, _ uint32) uint32 {
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
		case <-time.After(time.Minute):
			ended <- errors.New("the context has not ended")
		}
		return 0
	}})...)
	number := must(Func1[uint32, uint32](c, "", "number"))(t)
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	if _, err := number(short, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestManyHostCalls(t *testing.T) {
	for _, fn := range []any{func(n uint32) uint32 { return n + 1 }, func(_ context.Context, n uint32) uint32 { return n + 1 }} {
		c := linkText(t, caller, hostOptions(map[string]any{"number": fn})...)
		number := must(Func1[uint32, uint32](c, "", "number"))(t)
		var all sync.WaitGroup
		for g := range uint32(20) {
			all.Add(1)
			go func() {
				defer all.Done()
				bounded, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				for i := range uint32(50) {
					if n, err := number(bounded, g+i); n != g+i+1 || err != nil {
						t.Error(n, err)
						return
					}
				}
			}()
		}
		all.Wait()
	}
}

type account struct {
	cents  uint32
	closed *atomic.Int32
}

func (a *account) Close() error {
	a.closed.Add(1)
	return nil
}

// bank has wallets, which are resources of the guest, and hold accounts, which are those of the program.
const bank = `(component
  (import "acme:bank/accounts" (instance $accounts
    (export "account" (type $account (sub resource)))
    (export "[constructor]account" (func (param "cents" u32) (result (own $account))))
    (export "[method]account.balance" (func (param "self" (borrow $account)) (result u32)))
    (export "close" (func (param "account" (own $account)) (result u32)))))
  (alias export $accounts "account" (type $account))
  (core func $open (canon lower (func $accounts "[constructor]account")))
  (core func $balance (canon lower (func $accounts "[method]account.balance")))
  (core func $close (canon lower (func $accounts "close")))
  (core func $drop-account (canon resource.drop $account))
  (core module $end
    (import "" "balance" (func $balance (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "wallet") (param i32)
      (if (i32.eqz (call $balance (local.get 0))) (then unreachable))
      (call $drop (local.get 0))))
  (core instance $end (instantiate $end (with "" (instance (export "balance" (func $balance)) (export "drop" (func $drop-account))))))
  (type $wallet' (resource (rep i32) (dtor (core func $end "wallet"))))
  (export $wallet "wallet" (type $wallet'))
  (core func $new (canon resource.new $wallet'))
  (core func $drop (canon resource.drop $wallet'))
  (core module $code
    (import "" "open" (func $open (param i32) (result i32)))
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (call $open (local.get 0))))
    (func (export "burn") (param i32) (call $drop (local.get 0)))
    (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "open" (func $open)) (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "[constructor]wallet") (param "cents" u32) (result (own $wallet)) (canon lift (core func $core "make")))
  (func (export "[method]wallet.count") (param "self" (borrow $wallet)) (result u32) (canon lift (core func $balance)))
  (func (export "burn") (param "wallet" (own $wallet)) (canon lift (core func $core "burn")))
  (func (export "same") (param "wallet" (own $wallet)) (result (own $wallet)) (canon lift (core func $core "same")))
  (func (export "close") (param "account" (own $account)) (result u32) (canon lift (core func $close))))`

func linkBank(t *testing.T, closed *atomic.Int32, options ...Option) *Composition {
	const accounts = "acme:bank/accounts"
	return linkText(t, bank, append(options, Restart("", 1000, 0), HostResource[*account](accounts, "account"),
		HostFunc(accounts, "[constructor]account", func(cents uint32) *account { return &account{cents, closed} }),
		HostFunc(accounts, "[method]account.balance", func(self *account) uint32 { return self.cents }),
		HostFunc(accounts, "close", func(a *account) uint32 { return a.cents }))...)
}

func TestResources(t *testing.T) {
	for _, more := range [][]Option{{}, {Isolate()}} {
		var closed atomic.Int32
		c := linkBank(t, &closed, more...)
		u := must(c.Unit("guest"))(t)
		open := must(Func1[uint32, *Resource](u, "", "[constructor]wallet"))(t)
		count := must(Func1[*Resource, uint32](u, "", "[method]wallet.count"))(t)
		burn := must(Func1[*Resource, None](u, "", "burn"))(t)
		same := must(Func1[*Resource, *Resource](u, "", "same"))(t)
		first, second := must(open(ctx, 5))(t), must(open(ctx, 6))(t)
		if !strings.HasSuffix(first.Type(), "wallet") {
			t.Error(first.Type())
		}
		if found := must(count(ctx, first))(t); found != 5 {
			t.Error(found)
		}
		first.Close()
		first.Close()
		if closed.Load() != 1 {
			t.Error("the account of a closed wallet is open")
		}
		_, err := count(ctx, first)
		wantError(t, err, "value-type", "the resource is closed")
		_, err = count(ctx, nil)
		wantError(t, err, "value-type", "the resource is nil")
		moved := must(same(ctx, second))(t)
		_, err = count(ctx, second)
		wantError(t, err, "value-handle", "")
		second.Close()
		must(burn(ctx, moved))(t)
		if closed.Load() != 2 {
			t.Error("the account of a burned wallet is open")
		}
		_, err = burn(ctx, moved)
		wantError(t, err, "value-handle", "")
		if err := c.DropFailure(); err != nil {
			t.Error(err)
		}
		must(open(ctx, 0))(t).Close()
		wantFailure(t, c.DropFailure(), Trap, "unreachable")

		// Nobody closes these.
		for range 10 {
			must(open(ctx, 7))(t)
		}
		for begun := time.Now(); closed.Load() < 12 && time.Since(begun) < 10*time.Second; {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		if closed.Load() < 12 {
			t.Error(closed.Load())
		}
		kept := must(open(ctx, 8))(t)
		c.Close()
		kept.Close()
	}
}

// A resource of the program and one of a guest are not confused, whatever their names are.
func TestOwnersOfResources(t *testing.T) {
	var closed atomic.Int32
	c := linkBank(t, &closed, HostResource[*otherAccount]("acme:bank/others", "account"))
	for what, of := range map[string]struct {
		name, message string
		result        any
		arg           any
	}{
		"a guest's":          {"close", "is a resource of the program", new(uint32), (*Resource)(nil)},
		"another one":        {"close", "is for another resource than `acme:bank/accounts.account`", new(uint32), &otherAccount{}},
		"one of the program": {"burn", "is a resource of `guest`", nil, &account{1, &closed}},
	} {
		f := must(c.Function("", of.name))(t)
		err := f.Call(ctx, of.result, of.arg)
		var problems *Error
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), of.message) {
			t.Errorf("%s: expected %s\nfound %v", what, of.message, err)
		}
	}
}

type otherAccount struct{}

func TestObjects(t *testing.T) {
	var closed atomic.Int32
	c := linkBank(t, &closed)
	closing := must(Func1[*account, uint32](c, "", "close"))(t)
	if found := must(closing(ctx, &account{9, &closed}))(t); found != 9 || closed.Load() != 0 {
		t.Error(found, closed.Load())
	}
	_, err := closing(ctx, nil)
	wantError(t, err, "value-type", "is nil")
	other := linkBank(t, &closed)
	wallet := must(must(Func1[uint32, *Resource](other, "", "[constructor]wallet"))(t)(ctx, 3))(t)
	_, err = must(Func1[*Resource, None](c, "", "burn"))(t)(ctx, wallet)
	wantError(t, err, "value-handle", "")
	open := must(Func1[uint32, *Resource](c, "", "[constructor]wallet"))(t)
	checkGrowth(t, "objects", calls()/3, func() { must(open(ctx, 3))(t).Close() })
}
