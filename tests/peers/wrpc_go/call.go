package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"syscall"
	"time"

	wrpc "wrpc.io/go"
)

const (
	patience = 10 * time.Second
	// How long `hang` must not answer.
	hangTime = 500 * time.Millisecond
)

type caller struct {
	ctx     context.Context
	invoker wrpc.Invoker
	log     *errorLog
}

// tests has a check for each function of the interface. `note` is printed after the name.
var tests = []struct {
	name string
	run  func(*caller) (note string, err error)
}{
	{"echo-string", checkEchoString},
	{"echo-bytes", checkEchoBytes},
	{"add", checkAdd},
	{"divide", checkDivide},
	{"echo-record", checkEchoRecord},
	{"count", checkCount},
	{"sum", checkSum},
	{"nothing", checkNothing},
	{"fail", func(c *caller) (string, error) { return checkFail(c, "fail") }},
	{"fail-number", func(c *caller) (string, error) { return checkFail(c, "fail-number") }},
	{"counter", checkCounter},
	// The call stays in progress, which stops a server that makes one call at a time.
	{"hang", checkHang},
}

// invoke calls a function without streams, and reads its result.
func invoke[T any](c *caller, name string, params []byte, read func(wrpc.IndexReader) (T, error)) (result T, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	w, r, err := c.invoker.Invoke(ctx, instance, name, params)
	if err != nil {
		return result, err
	}
	defer r.Close()
	if err := w.Close(); err != nil {
		return result, fmt.Errorf("parameters not sent: %w", err)
	}
	return read(r)
}

func expect(what string, found, expected any) error {
	if reflect.DeepEqual(found, expected) {
		return nil
	}
	return fmt.Errorf("%s: expected %#v, found %#v", what, expected, found)
}

func readUint32(r wrpc.IndexReader) (uint32, error) { return wrpc.ReadUint32(r) }

func checkEchoString(c *caller) (string, error) {
	for _, text := range []string{"hello, wörld", "日本語 🎉"} {
		params, _ := encode(func(b *bytes.Buffer) error { return writeString(text, b) })
		found, err := invoke(c, "echo-string", params, readString)
		if err != nil {
			return "", fmt.Errorf("%q: %w", text, err)
		}
		if err := expect("result", found, text); err != nil {
			return "", err
		}
	}
	return "", nil
}

func checkEchoBytes(c *caller) (string, error) {
	for _, size := range []int{1, 256, 3000} {
		list := make([]byte, size)
		for i := range list {
			list[i] = byte(i * 7)
		}
		params, _ := encode(func(b *bytes.Buffer) error {
			_, err := wrpc.WriteByteList(list, b)
			return err
		})
		found, err := invoke(c, "echo-bytes", params,
			func(r wrpc.IndexReader) ([]byte, error) { return wrpc.ReadByteList(r) })
		if err != nil {
			return "", fmt.Errorf("%d bytes: %w", size, err)
		}
		if !bytes.Equal(found, list) {
			at := 0
			for at < min(len(found), len(list)) && found[at] == list[at] {
				at++
			}
			return "", fmt.Errorf("expected %d bytes, found %d that differ from byte %d on", size, len(found), at)
		}
	}
	return "", nil
}

func checkAdd(c *caller) (string, error) {
	params, _ := uint32s(300, 4_000_000_000)
	found, err := invoke(c, "add", params, readUint32)
	if err != nil {
		return "", err
	}
	return "", expect("result", found, uint32(4_000_000_300))
}

func checkDivide(c *caller) (string, error) {
	read := func(r wrpc.IndexReader) (*wrpc.Result[uint32, string], error) {
		return wrpc.ReadResult(r, func(r wrpc.ByteReader) (uint32, error) { return wrpc.ReadUint32(r) },
			func(r wrpc.ByteReader) (string, error) { return wrpc.ReadString(r) })
	}
	params, _ := uint32s(1000, 7)
	found, err := invoke(c, "divide", params, read)
	if err != nil {
		return "", err
	}
	if found.Ok == nil || *found.Ok != 142 {
		return "", fmt.Errorf("1000 / 7: expected ok(142), found %+v", *found)
	}
	params, _ = uint32s(1, 0)
	if found, err = invoke(c, "divide", params, read); err != nil {
		return "", err
	}
	if found.Err == nil || *found.Err != "division by zero" {
		return "", fmt.Errorf("1 / 0: expected err(\"division by zero\"), found %+v", *found)
	}
	return "", nil
}

func checkEchoRecord(c *caller) (string, error) {
	value := entry{id: 1<<63 + 5, name: "téa", tags: []string{"hot", "", "green"}}
	params, _ := encode(func(b *bytes.Buffer) error { return writeEntry(value, b) })
	found, err := invoke(c, "echo-record", params, readEntry)
	if err != nil {
		return "", err
	}
	return "", expect("result", found, value)
}

func checkCount(c *caller) (string, error) {
	for _, n := range []uint32{0, 20} {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		defer cancel()
		params, _ := uint32s(n)
		w, r, err := c.invoker.Invoke(ctx, instance, "count", params, wrpc.NewSubscribePath().Index(0))
		if err != nil {
			return "", err
		}
		defer r.Close()
		if err := w.Close(); err != nil {
			return "", err
		}
		found, err := readItems(r, 0)
		if err != nil {
			return "", fmt.Errorf("count(%d): %w", n, err)
		}
		var expected []uint64
		for i := range uint64(n) {
			expected = append(expected, i)
		}
		if err := expect("items", found, expected); err != nil {
			return "", err
		}
	}
	return "", nil
}

func checkSum(c *caller) (string, error) {
	for _, items := range [][]uint64{nil, {1, 2, 3, 4, 5, 6, 1 << 40}} {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		defer cancel()
		w, r, err := c.invoker.Invoke(ctx, instance, "sum", []byte{0})
		if err != nil {
			return "", err
		}
		defer r.Close()
		stream, err := w.Index(0)
		if err != nil {
			return "", err
		}
		err = errors.Join(w.Close(), writeItems(items, 2, stream), stream.Close())
		if err != nil {
			return "", fmt.Errorf("items not sent: %w", err)
		}
		found, err := wrpc.ReadUint64(r)
		if err != nil {
			return "", err
		}
		expected := uint64(0)
		for _, item := range items {
			expected += item
		}
		if err := expect("result", found, expected); err != nil {
			return "", err
		}
	}
	return "", nil
}

// end waits until the answer of a function without a result ends. The module does not distinguish an empty answer
// from no answer; it only logs that a connection was reset.
func (c *caller) end(name string) (logged, err error) {
	answer, err := invoke(c, name, nil, func(r wrpc.IndexReader) (byte, error) { return r.ReadByte() })
	logged = c.log.take()
	switch {
	case err == nil:
		return logged, fmt.Errorf("expected no byte, found 0x%02x", answer)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return logged, nil
	}
	return logged, err
}

func checkNothing(c *caller) (string, error) {
	logged, err := c.end("nothing")
	return "", errors.Join(err, logged)
}

// checkFail notes whether the connection was reset.
func checkFail(c *caller, name string) (string, error) {
	switch logged, err := c.end(name); {
	case err != nil:
		return "", err
	case errors.Is(logged, syscall.ECONNRESET):
		return " (connection reset)", nil
	case logged != nil:
		return "", logged
	}
	return "", nil
}

func checkHang(c *caller) (string, error) {
	short, cancel := context.WithTimeout(c.ctx, hangTime)
	defer cancel()
	answer, err := invoke(&caller{short, c.invoker, c.log}, "hang", nil,
		func(r wrpc.IndexReader) (byte, error) { return r.ReadByte() })
	if err == nil {
		return "", fmt.Errorf("expected no answer, found a byte 0x%02x", answer)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("expected no end within %s: %w", hangTime, err)
	}
	return "", nil
}

func checkCounter(c *caller) (string, error) {
	read := func(r wrpc.IndexReader) ([]byte, error) { return wrpc.ReadByteList(r) }
	var handles [][]byte
	for _, start := range []uint32{5, 100} {
		params, _ := uint32s(start)
		handle, err := invoke(c, "counter", params, read)
		if err != nil {
			return "", fmt.Errorf("counter(%d): %w", start, err)
		}
		handles = append(handles, handle)
	}
	for i, expected := range []uint32{5, 100, 6, 101} {
		handle := handles[i%2]
		params, _ := encode(func(b *bytes.Buffer) error {
			_, err := wrpc.WriteByteList(handle, b)
			return err
		})
		found, err := invoke(c, "counter.next", params, readUint32)
		if err != nil {
			return "", fmt.Errorf("counter.next of %x: %w", handle, err)
		}
		if err := expect("counter.next", found, expected); err != nil {
			return "", err
		}
	}
	return "", nil
}
