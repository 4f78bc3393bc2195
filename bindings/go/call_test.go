package tenon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon.example/tenon/internal/byhand"
)

// A guest that counts, computes for ever, and fails.
const spinner = `(component
  (core module $code (memory 1)
    (global $count (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "spin") (loop $forever (br $forever)))
    (func $fall (export "crash") unreachable)
    (func (export "touch") (result i32) (i32.load (i32.const 0x7ffffff0)))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
    (func $deeper (export "recurse") (call $deeper)))
  (core instance $core (instantiate $code))
  (func (export "next") (result u32) (canon lift (core func $core "next")))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "add")))
  (func (export "spin") (canon lift (core func $core "spin")))
  (func (export "crash") (canon lift (core func $core "crash")))
  (func (export "touch") (result u32) (canon lift (core func $core "touch")))
  (func (export "divide") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "divide")))
  (func (export "recurse") (canon lift (core func $core "recurse"))))`

func TestMismatches(t *testing.T) {
	c := linkFile(t, kinds)
	const same = "acme:kinds/same"
	expect := func(err error, code string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			wantError(t, err, code, part)
		}
	}
	_, err := Func1[int32, uint32](c, same, "same-u32")
	expect(err, "type-signature", "`$.value`: the Go type `int32` does not fit `u32`: use uint32", "its type is `same-u32: func(value: u32) -> u32;`")
	_, err = Func1[Item, string](c, same, "same-item")
	expect(err, "type-signature", "`$result`: the Go type `string` does not fit `item`: use a struct")
	type wrong struct {
		Name   string
		Cost   *float32 `wit:"price"`
		Labels []string
		hidden int
	}
	_, err = Func1[wrong, Item](c, same, "same-item")
	expect(err, "type-signature", "`$.value.price.some`: the Go type `float32` does not fit `f64`", "has no field for `tags`",
		"has no part `Labels`", "the field `hidden`")
	_, err = Func2[uint32, uint32, uint32](c, same, "same-u32")
	expect(err, "type-signature", "the function has 1 parameters, not 2")
	_, err = Func0[uint32](c, "", "nothing")
	expect(err, "type-signature", "the function returns nothing")
	_, err = Func0[uint32](c, "", "missing")
	expect(err, "run-no-function", "missing")
	_, err = Func0[uint32](c, "a\x00b", "c\x00d")
	expect(err, "run-no-function", "\uFFFD")
	_, err = Func1[chan int, any](c, same, "same-u32")
	expect(err, "type-signature", "`chan int`", "`interface {}`")

	f := must(c.Function(same, "same-u32"))(t)
	var result uint32
	expect(f.Call(ctx, &result, 1), "type-signature", "`int` does not fit `u32`")
	expect(f.Call(ctx, &result), "value-type", "expected 1 arguments, found 0")
	expect(f.Call(ctx, &result, nil), "value-type", "argument 1 is nil")
	expect(f.Call(ctx, result, uint32(1)), "api-usage", "not to a `uint32`")
	expect(f.Call(ctx, (*uint32)(nil), uint32(1)), "api-usage", "not to a `*uint32`")
	if err := f.Call(ctx, nil, uint32(1)); err != nil {
		t.Error(err)
	}
	if err := f.Call(ctx, &result, uint32(5)); err != nil || result != 5 {
		t.Error(result, err)
	}

	text := must(Func1[string, string](c, same, "same-string"))(t)
	_, err = text(ctx, "a\xff")
	expect(err, "value-type", "UTF-8")
	keep := must(Func1[struct {
		Forever bool
		Days    *uint32
		Until   *string
	}, Keep3](c, same, "same-keep"))(t)
	_, err = keep(ctx, struct {
		Forever bool
		Days    *uint32
		Until   *string
	}{})
	expect(err, "value-type", "the argument `value` is not valid: no case is set")
	_, err = keep(ctx, struct {
		Forever bool
		Days    *uint32
		Until   *string
	}{true, ptr[uint32](1), nil})
	expect(err, "value-type", "both `forever` and `days` are set")
	color := must(Func1[string, uint64](c, same, "same-color"))(t)
	_, err = color(ctx, "blue")
	expect(err, "value-type", "no case `blue`: expected one of red, green, ok")
	index := must(Func1[uint64, string](c, same, "same-color"))(t)
	_, err = index(ctx, 3)
	expect(err, "value-type", "case 3 does not exist")
	_, err = index(ctx, math.MaxUint64)
	expect(err, "value-type", "does not exist")
	access := must(Func1[uint32, uint64](c, same, "same-access"))(t)
	_, err = access(ctx, 8)
	expect(err, "value-type", "beyond the 3 flags")
	_, err = Func1[Color, Color](c, same, "same-color")
	expect(err, "type-signature", "has the labels red, dark-green, func, and the enum red, green, ok")
}

type Keep3 struct {
	Until   *string
	Days    *uint32
	Forever bool
}

func TestWITResults(t *testing.T) {
	c := linkFile(t, kinds)
	const same = "acme:kinds/same"
	text := must(Func1[Result[uint32, string], uint32](c, same, "same-result"))(t)
	if found, err := text(ctx, Result[uint32, string]{Ok: ptr[uint32](7)}); found != 7 || err != nil {
		t.Error(found, err)
	}
	_, err := text(ctx, Result[uint32, string]{Err: ptr("no such file")})
	var failed *ErrorValue[string]
	var other *ErrorValue[uint32]
	if !errors.As(err, &failed) || failed.Value != "no such file" || failed.Error() != "no such file" || errors.As(err, &other) {
		t.Errorf("%v", err)
	}
	if err.Error() != "same-result: no such file" {
		t.Error(err)
	}
	var problems *Error
	if errors.As(err, &problems) {
		t.Error("the error of a result is a problem:", problems)
	}
	empty := must(Func1[Result[None, None], None](c, same, "same-outcome"))(t)
	_, err = empty(ctx, Result[None, None]{Err: &None{}})
	var none *ErrorValue[None]
	if !errors.As(err, &none) || errors.As(err, &failed) {
		t.Errorf("%v", err)
	}
	if _, err := empty(ctx, Result[None, None]{Ok: &None{}}); err != nil {
		t.Error(err)
	}

	type parseError struct {
		Line uint32
		Kind string `wit:"reason"`
	}
	const declared = `(type $e' (record (field "line" u32) (field "reason" (enum "syntax" "type"))))`
	_ = declared
	f := must(c.Function(same, "same-result"))(t)
	if err := f.Call(ctx, nil, Result[uint32, string]{Err: ptr("x")}); !errors.As(err, &failed) || failed.Value != "x" {
		t.Error(err)
	}
	var whole Result[uint32, string]
	if err := f.Call(ctx, &whole, Result[uint32, string]{Err: ptr("x")}); err != nil || *whole.Err != "x" {
		t.Error(err, whole)
	}
}

func TestJSONAndText(t *testing.T) {
	c := linkFile(t, kinds)
	f := must(c.Function("acme:kinds/same", "same-item"))(t)
	found := must(f.CallJSON(ctx, []byte(`[{"name": "a", "tags": ["b"]}]`)))(t)
	var parsed map[string]any
	if err := json.Unmarshal(found, &parsed); err != nil || parsed["name"] != "a" {
		t.Errorf("%s %v", found, err)
	}
	_, err := f.CallJSON(ctx, []byte(`[{"name": 1}]`))
	wantError(t, err, "value-type", "")
	_, err = f.CallJSON(ctx, nil)
	wantError(t, err, "api-usage", "")
	_, err = f.CallJSON(ctx, []byte("{"))
	wantError(t, err, "value-syntax", "JSON")
	if found := must(c.CallText(ctx, "add(1, 2)"))(t); found != "3" {
		t.Error(found)
	}
	_, err = c.CallText(ctx, "add(1,")
	wantError(t, err, "value-syntax", "")
	functions := must(c.Functions())(t)
	if len(functions) < 20 || functions[0].Interface() != "acme:kinds/same@1.2.0" {
		t.Error(len(functions))
	}
}

func TestProblemsOfLinks(t *testing.T) {
	_, err := Link(ctx, Component("a", "missing.wasm"), Component("b", "also\x00missing.wasm"),
		ManifestText("[composition]\nwrong = 1\n", "."))
	var problems *Error
	if !errors.As(err, &problems) || len(problems.Text()) == 0 || problems.Diagnostics[0].File == "" && problems.Diagnostics[0].Line == 0 {
		t.Errorf("%#v", err)
	}
	_, err = Link(ctx, Component("a", "missing.wasm"), Component("b", "also_missing.wasm"))
	if !errors.As(err, &problems) || len(problems.Diagnostics) != 2 || problems.Diagnostics[1].Code != "read-file" ||
		!strings.HasSuffix(err.Error(), "(and 1 more)") {
		t.Errorf("%#v", err)
	}
	_, err = Link(ctx)
	if err == nil {
		t.Error("an empty composition was linked")
	}
	guest := writeGuest(t, `(component (import "x:y/z" (instance (export "f" (func)))))`)
	_, err = Link(ctx, Component("guest", guest))
	wantError(t, err, "resolve-no-provider", "x:y/z")
	if strings.Contains(fmt.Sprint(problems.Text()), "tenon_builder") {
		t.Error(problems.Text())
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Link(over, Component("guest", guest)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	plan, text, err := Plan(ctx, Component("guest", guest), AllowUnresolved())
	if err != nil || !json.Valid([]byte(plan)) || !strings.Contains(text, "guest") {
		t.Error(plan, text, err)
	}
	if page := Explain("resolve-cycle"); !strings.Contains(page, "cycle") || Explain("no-such-code") != "" {
		t.Error(page)
	}
}

func TestTraps(t *testing.T) {
	path := writeGuest(t, spinner)
	for name, message := range map[string]string{"crash": "unreachable", "touch": "out of bounds", "divide": "divide by zero", "recurse": "stack"} {
		c := linkFile(t, path, Restart("", 1000, 0))
		for range 3 {
			var err error
			if name == "divide" {
				err = must(c.Function("", name))(t).Call(ctx, nil, uint32(1), uint32(0))
			} else {
				err = must(c.Function("", name))(t).Call(ctx, nil)
			}
			wantFailure(t, err, Trap, message)
			var failed *CallError
			if errors.As(err, &failed); failed.Unit != "guest" || failed.Function != name || len(failed.Backtrace) == 0 || failed.Backtrace[0].Unit != "guest" {
				t.Errorf("%#v", failed)
			}
			// Faults of Go are not those of guests.
			if err := guard(func() error { var p *Item; p.Name = "x"; return nil }); err == nil || !strings.Contains(err.Error(), "nil pointer") {
				t.Error(err)
			}
		}
	}
	c := linkFile(t, path)
	crash, next := must(Func0[None](c, "", "crash"))(t), must(Func0[uint32](c, "", "next"))(t)
	_, err := crash(ctx)
	wantFailure(t, err, Trap, "unreachable")
	_, err = next(ctx)
	wantFailure(t, err, Ended, "unreachable")
}

func TestLimits(t *testing.T) {
	for _, options := range [][]Option{{}, {Isolate()}, {Parallel()}, {Isolate(), Parallel()}} {
		domain := ""
		if len(options) == 2 {
			domain = "guest"
		}
		c := linkText(t, spinner, append(options, Limit(domain, "call-timeout", "100ms"), Restart("", 10, 0))...)
		unit := must(c.Unit("guest"))(t)
		spin, next := must(Func0[None](unit, "", "spin"))(t), must(Func0[uint32](unit, "", "next"))(t)
		for range 2 {
			must(next(ctx))(t)
			_, err := spin(ctx)
			wantFailure(t, err, Deadline, "")
			var failed *CallError
			if errors.As(err, &failed); len(failed.Limits) != 1 || failed.Limits[0] != "call-timeout" {
				t.Errorf("%#v", failed)
			}
			if found := must(next(ctx))(t); found != 1 {
				t.Error(found)
			}
		}
	}
}

// A context ends a guest that computes, and no other call.
func TestContexts(t *testing.T) {
	c := linkText(t, spinner, Isolate(), Restart("", 1000, 0))
	unit := must(c.Unit("guest"))(t)
	spin, next := must(Func0[None](unit, "", "spin"))(t), must(Func0[uint32](unit, "", "next"))(t)
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := spin(short)
	wantFailure(t, err, Interrupted, "interrupted")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 5*time.Second {
		t.Error(err, time.Since(begun))
	}
	if _, err := next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if found := must(next(ctx))(t); found != 1 {
		t.Error(found)
	}

	// Calls that wait for another one give up without ending it.
	long, stop := context.WithCancelCause(ctx)
	ended := make(chan error)
	go func() {
		_, err := spin(long)
		ended <- err
	}()
	time.Sleep(20 * time.Millisecond)
	var waiting sync.WaitGroup
	for i := range 20 {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			brief, cancel := context.WithTimeout(ctx, time.Duration(i)*time.Millisecond)
			defer cancel()
			if _, err := next(brief); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}()
	}
	waiting.Wait()
	select {
	case err := <-ended:
		t.Error("the other call has ended:", err)
	default:
	}
	because := errors.New("because")
	stop(because)
	if err := <-ended; !errors.Is(err, because) {
		t.Error(err)
	}
	for range 100 {
		brief, cancel := context.WithTimeout(ctx, time.Millisecond)
		_, err := spin(brief)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	must(next(ctx))(t)
}

func TestSwap(t *testing.T) {
	c := linkText(t, spinner, Isolate())
	unit := must(c.Unit("guest"))(t)
	next := must(Func0[uint32](unit, "", "next"))(t)
	must(next(ctx))(t)
	must(next(ctx))(t)
	if err := c.Swap("guest", writeGuest(t, spinner), &SwapOptions{Trial: true}); err != nil {
		t.Error(textOf(err))
	}
	if found := must(next(ctx))(t); found != 3 {
		t.Error(found)
	}
	if err := c.Swap("guest", writeGuest(t, spinner), nil); err != nil {
		t.Error(textOf(err))
	}
	if found := must(next(ctx))(t); found != 1 {
		t.Error(found)
	}
	wantError(t, c.Swap("guest", "missing.wasm", nil), "read-file", "missing")
	wantError(t, c.SwapBytes("guest", []byte("nonsense"), nil), "read-not-wasm", "")
	wantError(t, c.Swap("other", writeGuest(t, spinner), nil), "run-swap", "other")
}

func TestGoroutines(t *testing.T) {
	path := writeGuest(t, spinner)
	for _, options := range [][]Option{{}, {Parallel()}, {Isolate()}, {Isolate(), Parallel()}} {
		c := linkFile(t, path, options...)
		unit := must(c.Unit("guest"))(t)
		next, add := must(Func0[uint32](unit, "", "next"))(t), must(Func2[uint32, uint32, uint32](unit, "", "add"))(t)
		bounded, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for g := range 50 {
			all.Add(1)
			go func() {
				defer all.Done()
				for i := range uint32(100) {
					if found, err := add(bounded, i, uint32(g)); found != i+uint32(g) || err != nil {
						t.Error(found, err)
					}
					if _, err := next(ctx); err != nil {
						t.Error(err)
					}
					if i%20 == 0 {
						runtime.Gosched()
					}
				}
			}()
		}
		all.Wait()
		if found := must(next(ctx))(t); found != 5001 {
			t.Error(found)
		}
	}
}

func TestUseAfterClose(t *testing.T) {
	c := linkText(t, spinner)
	unit := must(c.Unit("guest"))(t)
	f := must(unit.Function("", "next"))(t)
	next := must(Func0[uint32](c, "", "next"))(t)
	c.Close()
	c.Close()
	_, err := next(ctx)
	wantError(t, err, "api-usage", "the composition is closed")
	wantError(t, f.Call(ctx, nil), "api-usage", "closed")
	_, err = f.CallJSON(ctx, []byte("[]"))
	wantError(t, err, "api-usage", "closed")
	_, err = unit.Function("", "next")
	wantError(t, err, "api-usage", "closed")
	_, err = c.Unit("guest")
	wantError(t, err, "api-usage", "closed")
	_, err = c.CallText(ctx, "next()")
	wantError(t, err, "api-usage", "closed")
	wantError(t, c.Swap("guest", "x", nil), "api-usage", "closed")
	_, err = c.RunCommand(ctx)
	wantError(t, err, "api-usage", "closed")
	if f.Name() != "next" || f.WIT() == "" {
		t.Error(f.Name(), f.WIT())
	}

	// Close during calls: those in progress end as usual.
	for range 20 {
		c := linkText(t, spinner)
		next := must(Func0[uint32](c, "", "next"))(t)
		var all sync.WaitGroup
		for range 4 {
			all.Add(1)
			go func() {
				defer all.Done()
				for {
					if _, err := next(ctx); err != nil {
						wantError(t, err, "api-usage", "closed")
						return
					}
				}
			}()
		}
		c.Close()
		all.Wait()
	}
}

func residentBytes(t testing.TB) int {
	t.Helper()
	for range 2 {
		debug.FreeOSMemory()
		time.Sleep(10 * time.Millisecond) // for cleanups
	}
	byhand.Trim()
	text, err := os.ReadFile("/proc/self/statm")
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize()
}

// calls returns how often a test about memory calls: TENON_TEST_ALL makes it 10^6.
func calls() int {
	switch {
	case hasRaceDetector:
		return 3000
	case os.Getenv("TENON_TEST_ALL") != "":
		return 1_000_000
	}
	return 30_000
}

// checkGrowth does something often, and checks that memory does not grow with it: other garbage makes it grow once.
func checkGrowth(t *testing.T, what string, count int, call func()) {
	t.Helper()
	grown := 0
	for range 4 {
		before := residentBytes(t)
		for range count {
			call()
		}
		if grown = residentBytes(t) - before; grown < 4<<20 || hasRaceDetector {
			return
		}
	}
	t.Errorf("%s: memory grew by %d KiB in %d calls, again and again", what, grown>>10, count)
}

func TestMemory(t *testing.T) {
	const same = "acme:kinds/same"
	c := linkFile(t, kinds, Restart("", 1<<30, 0))
	text := must(Func1[string, string](c, same, "same-string"))(t)
	outcome := must(Func1[Result[uint32, string], uint32](c, same, "same-result"))(t)
	one := must(Func1[Item, Item](c, same, "same-item"))(t)
	crash := must(Func0[None](c, "", "crash"))(t)
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	checkGrowth(t, "texts", calls(), func() { must(text(bounded, "some text"))(t) })
	checkGrowth(t, "records", calls(), func() { must(one(ctx, Item{"a", ptr(1.0), []string{"b", "c"}}))(t) })
	checkGrowth(t, "errors of results", calls(), func() { _, _ = outcome(ctx, Result[uint32, string]{Err: ptr("no")}) })
	checkGrowth(t, "refused calls", calls()/10, func() { _, _ = text(ctx, "\xff") })
	checkGrowth(t, "traps", calls()/100, func() { _, _ = crash(ctx) })
	checkGrowth(t, "functions", calls()/10, func() { must(c.Function("", "add"))(t) })
	big := strings.Repeat("x", 1<<20)
	checkGrowth(t, "large texts", calls()/100, func() { must(text(ctx, big))(t) })
	path := writeGuest(t, spinner)
	checkGrowth(t, "links", calls()/300, func() {
		c := linkFile(t, path)
		must(must(Func0[uint32](c, "", "next"))(t)(ctx))(t)
		c.Close()
	})
	checkGrowth(t, "compositions that nobody closes", calls()/300, func() {
		c := must(Link(ctx, Component("guest", path)))(t)
		must(must(Func0[uint32](c, "", "next"))(t)(ctx))(t)
		runtime.GC()
	})
}
