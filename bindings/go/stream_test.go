package tenon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// textGuest: `open` returns a stream and writes to it, `size` reads one to its end, `spin` computes for ever after it
// has returned, and `wait` never returns.
const textGuest = `(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 2) (data (i32.const 64) "a text of the guest"))
  (core instance $libc (instantiate $libc))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $libc "memory")))
  (core func $write (canon stream.write $bytes (memory $libc "memory")))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $return-stream (canon task.return (result $bytes)))
  (core func $return-size (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 2))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return-stream" (func $return-stream (param i32)))
    (import "" "return-size" (func $return-size (param i32)))
    (func (export "open") (local $ends i64) (local $writer i32) (local $sent i32) (local $status i32)
      (local.set $ends (call $new))
      (call $return-stream (i32.wrap_i64 (local.get $ends)))
      (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (block $closed (loop $again
        (local.set $status (call $write (local.get $writer)
          (i32.add (i32.const 64) (local.get $sent)) (i32.sub (i32.const 19) (local.get $sent))))
        (br_if $closed (i32.and (local.get $status) (i32.const 15)))
        (local.set $sent (i32.add (local.get $sent) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.lt_u (local.get $sent) (i32.const 19)))))
      (call $drop-writable (local.get $writer)))
    (func $size (export "size") (param $reader i32) (local $size i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $reader) (i32.const 1024) (i32.const 65536)))
        (local.set $size (i32.add (local.get $size) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $reader))
      (call $return-size (local.get $size)))
    (func (export "first") (param $reader i32)
      (drop (call $read (local.get $reader) (i32.const 1024) (i32.const 3)))
      (call $drop-readable (local.get $reader))
      (call $return-size (i32.load8_u (i32.const 1024))))
    (func (export "spin") (loop $forever (br $forever)))
    (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $libc "memory")) (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))
    (export "return-stream" (func $return-stream)) (export "return-size" (func $return-size))))))
  (func (export "open") async (result $bytes) (canon lift (core func $core "open") async))
  (func (export "size") async (param "from" $bytes) (result u32) (canon lift (core func $core "size") async))
  (func (export "first") async (param "from" $bytes) (result u32) (canon lift (core func $core "first") async))
  (func (export "spin") async (result u32) (canon lift (core func $core "spin") async)))`

// passGuest returns the stream or future that it gets.
func passGuest(declarations, t string) string {
	return fmt.Sprintf(`(component %s
  (type $end %s)
  (core module $code (func (export "pass") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code))
  (func (export "pass") (param "s" $end) (result $end) (canon lift (core func $core "pass"))))`, declarations, t)
}

func withTimeout(t *testing.T) context.Context {
	bounded, cancel := context.WithTimeout(ctx, 20*time.Second)
	t.Cleanup(cancel)
	return bounded
}

func passItems[T any](name, declarations, wit string, items ...T) func(t *testing.T) {
	return func(t *testing.T) {
		t.Run(name, func(t *testing.T) {
			ctx := withTimeout(t)
			c := linkText(t, passGuest(declarations, "(stream "+wit+")"))
			pass := must(Func1[*Stream[T], *Stream[T]](c, "", "pass"))(t)
			reader, writer, err := NewStream[T]()
			if err != nil {
				t.Fatal(err)
			}
			passed := must(pass(ctx, reader))(t)
			go func() {
				defer writer.Close()
				for _, item := range items {
					if n, err := writer.Write(ctx, []T{item}); n != 1 || err != nil {
						t.Error(n, err)
					}
				}
				if n, err := writer.Write(ctx, items); n != len(items) || err != nil {
					t.Error(n, err)
				}
			}()
			var found []T
			for item, err := range passed.All(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, item)
			}
			if expected := append(items[:len(items):len(items)], items...); !reflect.DeepEqual(found, expected) {
				t.Errorf("expected %v, found %v", expected, found)
			}
			if _, err := passed.Read(ctx, 1); err == nil {
				t.Error("a closed stream was read")
			}
		})
	}
}

func TestStreamItems(t *testing.T) {
	passItems[byte]("bytes", "", "u8", 0, 1, 255)(t)
	passItems("texts", "", "string", "", "a", long)(t)
	passItems[uint64]("numbers", "", "u64", 1<<63, 0)(t)
	passItems("records", item, "$item", Item{"a", nil, []string{"t"}}, Item{"", ptr(1.0), []string{}})(t)
	passItems("nothing", "", "", None{}, None{}, None{})(t)
	passItems("lists", "", "(list u16)", []uint16{1}, []uint16{})(t)
}

func TestFutures(t *testing.T) {
	ctx := withTimeout(t)
	c := linkText(t, passGuest("", "(future string)"))
	pass := must(Func1[*Future[string], *Future[string]](c, "", "pass"))(t)
	future, set, err := NewFuture[string]()
	if err != nil {
		t.Fatal(err)
	}
	passed := must(pass(ctx, future))(t)
	go func() {
		if err := set(ctx, "later"); err != nil {
			t.Error(err)
		}
	}()
	if value := must(passed.Get(ctx))(t); value != "later" {
		t.Error(value)
	}
	if _, err := passed.Get(ctx); err == nil {
		t.Error("a future was read twice")
	}
}

func TestBytes(t *testing.T) {
	ctx := withTimeout(t)
	c := linkText(t, textGuest)
	open := must(Func0[*Stream[byte]](c, "", "open"))(t)
	size := must(Func1[*Stream[byte], uint32](c, "", "size"))(t)
	text := must(io.ReadAll(NewReader(ctx, must(open(ctx))(t))))(t)
	if string(text) != "a text of the guest" {
		t.Errorf("%q", text)
	}
	if found := must(size(ctx, must(open(ctx))(t)))(t); found != 19 {
		t.Error(found)
	}
	reader, writer, _ := NewStream[byte]()
	go func() {
		defer writer.Close()
		if n, err := io.Copy(NewWriter(ctx, writer), bytes.NewReader(make([]byte, 5<<20))); n != 5<<20 || err != nil {
			t.Error(n, err)
		}
	}()
	if found := must(size(ctx, reader))(t); found != 5<<20 {
		t.Error(found)
	}
}

func TestEndsOfStreams(t *testing.T) {
	ctx := withTimeout(t)
	c := linkText(t, textGuest)
	open := must(Func0[*Stream[byte]](c, "", "open"))(t)
	size := must(Func1[*Stream[byte], uint32](c, "", "size"))(t)
	first := must(Func1[*Stream[byte], uint32](c, "", "first"))(t)

	// The reader goes away.
	reader, writer, _ := NewStream[byte]()
	written := make(chan error)
	go func() {
		_, err := writer.Write(ctx, make([]byte, 1<<20))
		written <- err
	}()
	must(first(ctx, reader))(t)
	if err := <-written; err != io.ErrClosedPipe {
		t.Error(err)
	}
	_, err := size(ctx, reader)
	wantError(t, err, "value-type", "the stream is closed, or was passed on")
	_, err = size(ctx, nil)
	wantError(t, err, "value-type", "the stream is nil")
	if _, err := reader.Read(ctx, 1); !errors.Is(err, errGone) {
		t.Error(err)
	}
	own, ownWriter, _ := NewStream[byte]()
	if _, err := own.Read(ctx, 1); err == nil || !strings.Contains(err.Error(), "not passed yet") {
		t.Error(err)
	}
	ownWriter.Close()
	ownWriter.Close()
	if found := must(size(ctx, own))(t); found != 0 {
		t.Error(found)
	}
	if _, err := ownWriter.Write(ctx, []byte("x")); !errors.Is(err, errGone) {
		t.Error(err)
	}

	dropped, droppedWriter, _ := NewStream[byte]()
	dropped.Close()
	if _, err := droppedWriter.Write(ctx, []byte("x")); err == nil {
		t.Error("a stream without a reader was written")
	}

	// A read and a call that nothing ends but the context.
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	silent, silentWriter, _ := NewStream[byte]()
	defer silentWriter.Close()
	if _, err := size(short, silent); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	short, cancel = context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	pass := must(Func1[*Stream[byte], *Stream[byte]](linkText(t, passGuest("", "(stream u8)")), "", "pass"))(t)
	quiet, quietWriter, _ := NewStream[byte]()
	passed := must(pass(ctx, quiet))(t)
	reads := make(chan error)
	go func() {
		_, err := passed.Read(short, 1)
		reads <- err
	}()
	time.Sleep(5 * time.Millisecond)
	if _, err := passed.Read(ctx, 1); err == nil || !strings.Contains(err.Error(), "another operation") {
		t.Error(err)
	}
	if err := <-reads; !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := quietWriter.Write(ctx, []byte("x")); err != io.ErrClosedPipe {
		t.Error(err)
	}

	// Items of another type.
	words, wordWriter, _ := NewStream[string]()
	_, err = Func1[*Stream[string], uint32](c, "", "size")
	wantError(t, err, "type-signature", "`string` does not fit `u8`")
	_, _ = words, wordWriter
	if _, _, err := NewStream[chan int](); err == nil {
		t.Error("a stream of channels was made")
	}

	// The composition goes away.
	pending := must(open(ctx))(t)
	c.Close()
	if _, err := pending.Read(ctx, 1); err == nil {
		if _, err := pending.Read(ctx, 100); err == nil {
			t.Error("a stream of a closed composition was read")
		}
	}
}

func TestAsyncCalls(t *testing.T) {
	bounded := withTimeout(t)
	c := linkText(t, textGuest, Isolate())
	u := must(c.Unit("guest"))(t)
	size := must(Func1[*Stream[byte], uint32](u, "", "size"))(t)
	var all sync.WaitGroup
	for i := range 20 {
		reader, writer, _ := NewStream[byte]()
		all.Add(2)
		go func() {
			defer all.Done()
			if found, err := size(bounded, reader); int(found) != i || err != nil {
				t.Error(found, err)
			}
		}()
		go func() {
			defer all.Done()
			defer writer.Close()
			if _, err := writer.Write(bounded, make([]byte, i)); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()

	// Closing ends calls that wait.
	reader, writer, _ := NewStream[byte]()
	defer writer.Close()
	ended := make(chan error)
	go func() {
		_, err := size(ctx, reader)
		ended <- err
	}()
	time.Sleep(20 * time.Millisecond)
	c.Close()
	wantFailure(t, <-ended, Ended, "")

	spinning := linkText(t, textGuest, Restart("", 10, 0))
	spin := must(Func0[uint32](spinning, "", "spin"))(t)
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	if _, err := spin(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	// A call that has come to the domain before that ends, ends with it.
	open := must(Func0[*Stream[byte]](spinning, "", "open"))(t)
	stream, err := open(bounded)
	if err != nil {
		wantFailure(t, err, Interrupted, "spin")
		stream, err = open(bounded)
	}
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
}

func TestMemoryOfStreams(t *testing.T) {
	ctx := withTimeout(t)
	c := linkText(t, textGuest)
	open := must(Func0[*Stream[byte]](c, "", "open"))(t)
	size := must(Func1[*Stream[byte], uint32](c, "", "size"))(t)
	turns := 0
	checkGrowth(t, "streams", calls()/30, func() {
		if found := must(size(ctx, must(open(ctx))(t)))(t); found != 19 {
			t.Error(found)
		}
		must(open(ctx))(t).Close()
		reader, writer, _ := NewStream[byte]()
		if writer.Close(); turns%2 == 0 {
			must(size(ctx, reader))(t)
		}
		reader.Close()
		turns++
	})
}
