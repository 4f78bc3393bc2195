package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"runtime"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// Stream is the readable end of a stream, which a call has returned, a function of the program has got, or NewStream has
// made. It is read by one goroutine at a time, or passed on, once. An end that is not read to its end must be closed;
// otherwise it is closed some time after it is not reachable any more.
type Stream[T any] struct{ end }

// Future is the readable end of a future.
type Future[T any] struct{ end }

// StreamWriter is the writable end of a stream of the program. It is used by one goroutine at a time, and closed.
type StreamWriter[T any] struct{ end }

// end is an end of a stream or future, by its number.
type end struct {
	number  C.tenon_stream
	items   *list      // of its elements
	mutex   sync.Mutex // held by an operation
	state   sync.Mutex // guards isGone
	isGone  bool       // it was closed, or passed on
	cleanup runtime.Cleanup
}

// streamEnd is what *Stream and *Future have for every T. The receivers can be nil.
type streamEnd interface {
	streamKind() uint8
	bindEnd(b *binder, wit *C.tenon_type, path string) codec
	endOf() *end
}

func (*Stream[T]) streamKind() uint8 { return kindStream }
func (*Future[T]) streamKind() uint8 { return kindFuture }
func (s *Stream[T]) endOf() *end     { return &s.end }
func (f *Future[T]) endOf() *end     { return &f.end }

func (*Stream[T]) bindEnd(b *binder, wit *C.tenon_type, path string) codec {
	return &endCodec{kindStream, reflect.TypeFor[Stream[T]](), bindItems[T](b, wit, path)}
}

func (*Future[T]) bindEnd(b *binder, wit *C.tenon_type, path string) codec {
	return &endCodec{kindFuture, reflect.TypeFor[Future[T]](), bindItems[T](b, wit, path)}
}

// bindItems makes the codec of lists of items.
func bindItems[T any](b *binder, wit *C.tenon_type, path string) *list {
	items := &list{typ: reflect.TypeFor[[]T](), size: reflect.TypeFor[T]().Size(), count: -1}
	of := partOf(wit, 0)
	isNone := reflect.TypeFor[T]() == noneType
	switch {
	case wit != nil && isNone != (of == nil):
		b.refuse(path, "items of `%s` are not `%s`", C.GoString(C.tenon_type_wit(wit)), reflect.TypeFor[T]())
	case !isNone:
		items.element = b.bind(reflect.TypeFor[T](), of, path+"[]")
		if s, ok := items.element.(scalar); ok {
			items.packed = uint8(s)
		}
	}
	return items
}

// endCodec is for pointers to Stream and Future.
type endCodec struct {
	kind  uint8
	typ   reflect.Type // without the pointer
	items *list
}

func (c *endCodec) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	of := reflect.NewAt(reflect.PointerTo(c.typ), from).Elem()
	if of.IsNil() {
		return invalidf("the %s is nil", kindName(c.kind))
	}
	e := of.Interface().(streamEnd).endOf()
	if !e.leave() {
		return invalidf("the %s is closed, or was passed on", kindName(c.kind))
	}
	m.ends = append(m.ends, e)
	*to = value{kind: c.kind, bits: uint64(e.number)}
	return nil
}

func (c *endCodec) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != c.kind {
		return unexpected(c.kind, from)
	}
	of := reflect.New(c.typ)
	e := of.Interface().(streamEnd).endOf()
	e.number, e.items = C.tenon_stream(from.bits), c.items
	e.watch()
	reflect.NewAt(reflect.PointerTo(c.typ), to).Elem().Set(of)
	return nil
}

// watch closes the end when it is not reachable any more.
func (e *end) watch() {
	e.cleanup = runtime.AddCleanup(e, func(number C.tenon_stream) { C.tenon_go_stream_close(number) }, e.number)
}

// leave gives the end up. Returns false if it is gone.
func (e *end) leave() bool {
	e.state.Lock()
	defer e.state.Unlock()
	if e.isGone {
		return false
	}
	e.isGone = true
	e.cleanup.Stop()
	return true
}

// comeBack takes back an end that was not passed.
func (e *end) comeBack() {
	e.state.Lock()
	defer e.state.Unlock()
	e.isGone = false
	e.watch()
}

// Close gives the end up. An operation in progress fails.
func (e *end) Close() error {
	if e.leave() {
		C.tenon_go_stream_close(e.number)
	}
	return nil
}

// operation is a read or a write in progress.
type operation struct {
	done  chan struct{}
	take  func(items *value, count int) *invalid // of a read
	count int
	state C.int32_t
	err   *invalid
	free  func() // what must stay until it has ended
}

//export tenonGoStreamDone
func tenonGoStreamDone(number C.uintptr_t, items *C.tenon_value, count C.size_t, state C.int32_t) {
	op := cgo.Handle(number).Value().(*operation)
	cgo.Handle(number).Delete()
	op.count, op.state = int(count), state
	if items != nil && op.take != nil {
		_ = guard(func() error {
			op.err = op.take((*value)(unsafe.Pointer(items)), int(count))
			return nil
		})
	}
	if op.free != nil {
		op.free()
	}
	close(op.done)
}

var errGone = errors.New("tenon: the end of the stream was closed or passed on")

// run begins an operation and waits for its end. When the context ends, so does the end.
func (e *end) run(ctx context.Context, op *operation, begin func(number C.uintptr_t) C.int) error {
	if !e.mutex.TryLock() {
		op.release()
		return errors.New("tenon: another operation of the stream is in progress")
	}
	defer e.mutex.Unlock()
	e.state.Lock()
	isGone := e.isGone
	e.state.Unlock()
	if isGone {
		op.release()
		return errGone
	}
	op.done = make(chan struct{})
	number := cgo.NewHandle(op)
	if begin(C.uintptr_t(number)) != 0 {
		number.Delete()
		op.release()
		return errors.New("tenon: the stream cannot be used here: it is an end of this program that is not passed yet")
	}
	select {
	case <-op.done:
	case <-ctx.Done():
		e.Close()
		return fmt.Errorf("tenon: the stream was closed: %w", context.Cause(ctx))
	}
	switch {
	case op.err != nil:
		return fmt.Errorf("tenon: an item of the stream is not valid: %s: %s", op.err.path, op.err.message)
	case op.state == C.TENON_STREAM_FAILED:
		e.Close()
		return errors.New("tenon: the items of the stream do not have the type of the WIT, or take too much memory")
	}
	return nil
}

func (op *operation) release() {
	if op.free != nil {
		op.free()
	}
}

// read waits for items. io.EOF: none will come.
func read[T any](ctx context.Context, e *end, most int) ([]T, error) {
	var items []T
	op := &operation{take: func(found *value, count int) *invalid {
		if e.items.element == nil {
			items = make([]T, count)
			return nil
		}
		return e.items.read(nil, found, unsafe.Pointer(&items))
	}}
	err := e.run(ctx, op, func(number C.uintptr_t) C.int {
		return C.tenon_go_stream_read(e.number, C.size_t(max(most, 1)), number)
	})
	if err == nil && op.state == C.TENON_STREAM_CLOSED && len(items) == 0 {
		e.Close()
		err = io.EOF
	}
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Read waits for items, and returns at least one and at most so many; io.EOF: none are left. When the context ends, the
// stream is closed.
func (s *Stream[T]) Read(ctx context.Context, most int) ([]T, error) {
	return read[T](ctx, &s.end, most)
}

// All reads all items.
func (s *Stream[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		defer s.Close()
		for {
			items, err := s.Read(ctx, 1024)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					var none T
					yield(none, err)
				}
				return
			}
		}
	}
}

// Get waits for the value, once.
func (f *Future[T]) Get(ctx context.Context) (value T, err error) {
	items, err := read[T](ctx, &f.end, 1)
	if err == io.EOF {
		err = errors.New("tenon: the future was closed without a value")
	}
	if err != nil {
		return value, err
	}
	f.Close()
	return items[0], nil
}

// NewStream makes a stream. The readable end is passed to a guest; the writable one stays.
func NewStream[T any]() (*Stream[T], *StreamWriter[T], error) {
	r, w := &Stream[T]{}, &StreamWriter[T]{}
	return r, w, makeEnds[T](&r.end, &w.end)
}

// NewFuture makes a future. `set` gives it its value, and returns when the value is taken.
func NewFuture[T any]() (f *Future[T], set func(context.Context, T) error, err error) {
	r, w := &Future[T]{}, &StreamWriter[T]{}
	set = func(ctx context.Context, value T) error {
		defer w.Close()
		_, err := w.Write(ctx, []T{value})
		return err
	}
	return r, set, makeEnds[T](&r.end, &w.end)
}

func makeEnds[T any](r, w *end) error {
	b := binder{}
	items := bindItems[T](&b, nil, "$")
	if len(b.problems) != 0 {
		return &Error{Diagnostics: b.problems}
	}
	w.number, w.items = C.tenon_go_stream_new(), items
	r.number, r.items = w.number, items
	w.watch()
	r.watch()
	return nil
}

// Write waits until all items are taken, and returns how many were; io.ErrClosedPipe: the reader is gone. It can be
// called before the readable end is passed, and then waits for that. When the context ends, the stream is closed.
func (w *StreamWriter[T]) Write(ctx context.Context, items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	m := newMemory()
	to := m.newValues(1)
	if w.items.element == nil {
		to[0] = value{kind: kindList, length: uint64(len(items))}
	} else if problem := w.items.write(m, unsafe.Pointer(&items), &to[0]); problem != nil {
		m.free(false)
		return 0, fmt.Errorf("tenon: the item %s is not valid: %s", problem.path, problem.message)
	}
	op := &operation{free: func() { m.free(true) }}
	err := w.run(ctx, op, func(number C.uintptr_t) C.int { return C.tenon_go_stream_write(w.number, to[0].c(), number) })
	if err == nil && op.count < len(items) {
		err = io.ErrClosedPipe
	}
	return op.count, err
}

// Close ends the stream for its reader, after the items that were written. The readable end may be passed later.
func (w *StreamWriter[T]) Close() error {
	if !w.leave() {
		return nil
	}
	C.tenon_go_stream_close(w.number)
	return nil
}

// NewReader reads a stream of bytes. It is closed when the context ends.
func NewReader(ctx context.Context, s *Stream[byte]) io.ReadCloser { return &byteReader{ctx, s} }

type byteReader struct {
	ctx context.Context
	*Stream[byte]
}

func (r *byteReader) Read(to []byte) (int, error) {
	if len(to) == 0 {
		return 0, nil
	}
	items, err := r.Stream.Read(r.ctx, len(to))
	return copy(to, items), err
}

// NewWriter writes a stream of bytes. It is closed when the context ends.
func NewWriter(ctx context.Context, w *StreamWriter[byte]) io.WriteCloser { return &byteWriter{ctx, w} }

type byteWriter struct {
	ctx context.Context
	*StreamWriter[byte]
}

func (w *byteWriter) Write(from []byte) (int, error) { return w.StreamWriter.Write(w.ctx, from) }
