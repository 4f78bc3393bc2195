package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	wrpc "wrpc.io/go"
)

// functions implements the interface. The owner of a resource chooses the bytes of its handles; these are random.
type functions struct {
	mutex    sync.Mutex
	counters map[string]uint32
	// Keeps the calls of `hang` open: the module closes connections that are garbage-collected.
	hanging []any
}

func newFunctions() *functions { return &functions{counters: map[string]uint32{}} }

// answer returns a handler that writes its whole result at once, as the bindings do.
func answer(function func(wrpc.IndexReader, *bytes.Buffer) error) wrpc.HandleFunc {
	return func(_ context.Context, w wrpc.IndexWriteCloser, r wrpc.IndexReadCloser) {
		defer w.Close()
		defer r.Close()
		result, err := encode(func(b *bytes.Buffer) error { return function(r, b) })
		if err != nil {
			slog.Warn("function failed", "err", err)
			return
		}
		if _, err := w.Write(result); err != nil {
			slog.Warn("result not sent", "err", err)
		}
	}
}

func (f *functions) serve(server wrpc.Server) error {
	stream := wrpc.NewSubscribePath().Index(0)
	handlers := []struct {
		name   string
		handle wrpc.HandleFunc
		paths  []wrpc.SubscribePath
	}{
		{"echo-string", answer(echoString), nil},
		{"echo-bytes", answer(echoBytes), nil},
		{"add", answer(add), nil},
		{"divide", answer(divide), nil},
		{"echo-record", answer(echoRecord), nil},
		{"count", count, nil},
		{"sum", answer(sum), []wrpc.SubscribePath{stream}},
		{"nothing", answer(nothing), nil},
		{"fail", answer(fail), nil},
		{"fail-number", answer(fail), nil},
		{"hang", f.hang, nil},
		{"counter", answer(f.makeCounter), nil},
		{"counter.next", answer(f.next), nil},
	}
	for _, handler := range handlers {
		if _, err := server.Serve(instance, handler.name, handler.handle, handler.paths...); err != nil {
			return err
		}
	}
	return nil
}

func echoString(r wrpc.IndexReader, b *bytes.Buffer) error {
	text, err := wrpc.ReadString(r)
	if err != nil {
		return err
	}
	return writeString(text, b)
}

func echoBytes(r wrpc.IndexReader, b *bytes.Buffer) error {
	list, err := wrpc.ReadByteList(r)
	if err != nil {
		return err
	}
	_, err = wrpc.WriteByteList(list, b)
	return err
}

func readPair(r wrpc.IndexReader) (x, y uint32, err error) {
	if x, err = wrpc.ReadUint32(r); err == nil {
		y, err = wrpc.ReadUint32(r)
	}
	return x, y, err
}

func add(r wrpc.IndexReader, b *bytes.Buffer) error {
	x, y, err := readPair(r)
	if err != nil {
		return err
	}
	_, err = wrpc.WriteUint32(x+y, b)
	return err
}

func divide(r wrpc.IndexReader, b *bytes.Buffer) error {
	x, y, err := readPair(r)
	if err != nil {
		return err
	}
	result := wrpc.Err[uint32]("division by zero")
	if y != 0 {
		result = wrpc.Ok[string](x / y)
	}
	return result.WriteTo(b,
		func(value *uint32, w wrpc.ByteWriter) error {
			_, err := wrpc.WriteUint32(*value, w)
			return err
		},
		func(text *string, w wrpc.ByteWriter) error { return writeString(*text, w) })
}

func echoRecord(r wrpc.IndexReader, b *bytes.Buffer) error {
	value, err := readEntry(r)
	if err != nil {
		return err
	}
	return writeEntry(value, b)
}

// count leaves the writer of the stream open, as the bindings do, so the connection ends only when it is
// garbage-collected. The last byte ends the stream.
func count(_ context.Context, w wrpc.IndexWriteCloser, r wrpc.IndexReadCloser) {
	defer w.Close()
	defer r.Close()
	n, err := wrpc.ReadUint32(r)
	if err != nil {
		slog.Warn("parameters not read", "err", err)
		return
	}
	items := make([]uint64, n)
	for i := range items {
		items[i] = uint64(i)
	}
	if _, err := w.Write([]byte{0}); err != nil {
		slog.Warn("result not sent", "err", err)
		return
	}
	stream, err := w.Index(0)
	if err == nil {
		err = writeItems(items, 3, stream)
	}
	if err != nil {
		slog.Warn("items not sent", "err", err)
	}
}

func sum(r wrpc.IndexReader, b *bytes.Buffer) error {
	items, err := readItems(r, 0)
	if err != nil {
		return err
	}
	total := uint64(0)
	for _, item := range items {
		total += item
	}
	_, err = wrpc.WriteUint64(total, b)
	return err
}

func nothing(wrpc.IndexReader, *bytes.Buffer) error { return nil }

func fail(wrpc.IndexReader, *bytes.Buffer) error { return errors.New("this function always fails") }

func (f *functions) hang(_ context.Context, w wrpc.IndexWriteCloser, r wrpc.IndexReadCloser) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.hanging = append(f.hanging, w, r)
}

func (f *functions) makeCounter(r wrpc.IndexReader, b *bytes.Buffer) error {
	start, err := wrpc.ReadUint32(r)
	if err != nil {
		return err
	}
	handle := make([]byte, 16)
	rand.Read(handle)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.counters[string(handle)] = start
	_, err = wrpc.WriteByteList(handle, b)
	return err
}

func (f *functions) next(r wrpc.IndexReader, b *bytes.Buffer) error {
	handle, err := wrpc.ReadByteList(r)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	value, ok := f.counters[string(handle)]
	if !ok {
		return fmt.Errorf("unknown counter %x", handle)
	}
	f.counters[string(handle)] = value + 1
	_, err = wrpc.WriteUint32(value, b)
	return err
}
