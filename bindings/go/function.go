package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Exports is what has functions: a composition, or a unit.
type Exports interface {
	Function(iface, name string) (*Function, error)
}

// Function is an exported function. Goroutines: any number.
type Function struct {
	composition *Composition
	handle      *C.tenon_function
	iface, name string
	isAsync     bool
	result      *C.tenon_type // nil: none
	codecs      sync.Map      // of parameters and results, by codecKey
}

func newFunction(c *Composition, found *C.tenon_function) *Function {
	f := &Function{composition: c, handle: found, iface: C.GoString(C.tenon_function_interface(found)),
		name: C.GoString(C.tenon_function_name(found)), isAsync: C.tenon_function_is_async(found) != 0,
		result: C.tenon_function_result_type(found)}
	runtime.AddCleanup(f, func(handle *C.tenon_function) { C.tenon_function_delete(handle) }, found)
	return f
}

// Interface returns "acme:shop/api@1.0.0"; "": a bare function.
func (f *Function) Interface() string { return f.iface }

// Name returns the name, without the interface.
func (f *Function) Name() string { return f.name }

// WIT returns "total: func(items: list<item>) -> f64;".
func (f *Function) WIT() string {
	defer runtime.KeepAlive(f)
	return C.GoString(C.tenon_function_wit(f.handle))
}

// CallJSON calls the function with a JSON array of its arguments, and returns its result as JSON. Works for every type
// but handles.
func (f *Function) CallJSON(ctx context.Context, args []byte) ([]byte, error) {
	defer runtime.KeepAlive(f)
	var result *C.char
	defer func() { C.tenon_free(unsafe.Pointer(result)) }()
	err := f.composition.run(ctx, func() *C.tenon_error {
		return C.tenon_function_call_json(f.handle, (*C.char)(unsafe.Pointer(unsafe.SliceData(args))), C.size_t(len(args)), &result)
	})
	return []byte(C.GoString(result)), err
}

// Call calls the function. result: a pointer, which gets the result; nil: it is not wanted. The types of the result and
// the arguments are compared with those of the function. Func1 and its relatives do this once, and are faster.
//
// If the function returns a WIT `result`, its error is returned as an error, in which errors.As finds an *ErrorValue.
func (f *Function) Call(ctx context.Context, result any, args ...any) error {
	frame := reflect.ValueOf(result)
	if result != nil && (frame.Kind() != reflect.Pointer || frame.IsNil()) {
		return failCall(f, "api-usage", fmt.Sprintf("the result goes to a pointer, not to a `%T`", result))
	}
	b, err := f.bindArguments(result, args)
	if err != nil {
		return err
	}
	pointers := make([]unsafe.Pointer, len(args))
	for i, arg := range args {
		copied := reflect.New(reflect.TypeOf(arg))
		copied.Elem().Set(reflect.ValueOf(arg))
		pointers[i] = copied.UnsafePointer()
	}
	made := reflect.New(b.resultType)
	call := call{binding: b, result: made.UnsafePointer(), args: pointers}
	if err := call.run(ctx); err != nil || result == nil {
		return err
	}
	frame.Elem().Set(made.Elem())
	return nil
}

// The key of the codec of a parameter, from 0, or of the result, -1.
type codecKey struct {
	typ   reflect.Type
	index int
}

// bindArguments finds or makes the codecs for a result and arguments.
func (f *Function) bindArguments(result any, args []any) (*binding, error) {
	b := &binding{function: f, params: make([]param, len(args)), resultType: noneType}
	made := binder{objects: f.composition.objects, function: f.name}
	if count := int(C.tenon_function_param_count(f.handle)); count != len(args) {
		return nil, failCall(f, "value-type", fmt.Sprintf("expected %d arguments, found %d", count, len(args)), "its type is `"+f.WIT()+"`")
	}
	for i, arg := range args {
		if arg == nil {
			return nil, failCall(f, "value-type", fmt.Sprintf("argument %d is nil, which has no type: pass a typed value", i+1))
		}
		b.params[i].codec = f.cached(codecKey{reflect.TypeOf(arg), i}, &made)
	}
	if result != nil {
		b.resultType = reflect.TypeOf(result).Elem()
		b.bindResult(&made, func(t reflect.Type) codec { return f.cached(codecKey{t, -1}, &made) })
	} else if f.result != nil {
		b.ignoresResult = true
		b.mayFail = C.tenon_type_kind(f.result) == kindResult
		b.needsArena = true
	}
	return b, made.error(f)
}

func (f *Function) cached(key codecKey, b *binder) codec {
	if found, ok := f.codecs.Load(key); ok {
		return found.(codec)
	}
	var made codec
	if key.index < 0 {
		made = b.bind(key.typ, f.returned(key.typ), "$result")
	} else {
		made = b.bind(key.typ, C.tenon_function_param_type(f.handle, C.size_t(key.index)), "$."+f.paramName(key.index))
	}
	if len(b.problems) == 0 {
		f.codecs.Store(key, made)
	}
	return made
}

func (f *Function) paramName(index int) string {
	return C.GoString(C.tenon_function_param_name(f.handle, C.size_t(index)))
}

// returned returns the type that a Go type receives: the payload of a result, unless it is a Result itself.
func (f *Function) returned(t reflect.Type) *C.tenon_type {
	if C.tenon_type_kind(f.result) != kindResult || isResult(t) {
		return f.result
	}
	return C.tenon_type_part(f.result, 0)
}

func isResult(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.Implements(resultType) }

// error returns what does not fit, if there is something.
func (b *binder) error(f *Function) error {
	if len(b.problems) == 0 {
		return nil
	}
	hint := "its type is `" + f.WIT() + "`"
	for i := range b.problems {
		b.problems[i].Hints = append(b.problems[i].Hints, hint)
	}
	return &CallError{Kind: BadCall, Function: f.name, Message: b.problems[0].Message, Diagnostics: b.problems, problems: &Error{Diagnostics: b.problems}}
}

type param struct {
	codec  codec
	offset uintptr // in the frame of a typed call
}

// binding is a function with Go types for its parameters and its result.
type binding struct {
	function      *Function
	params        []param
	result        codec // nil: none, or not wanted
	resultType    reflect.Type
	mayFail       bool // it returns a WIT `result`, whose error becomes a Go error
	ignoresResult bool
	needsArena    bool
	// All parameters are scalars, and the result is one, or there is none: the call needs no memory.
	isFlat bool
}

func (b *binding) bindResult(made *binder, bind func(t reflect.Type) codec) {
	f := b.function
	b.mayFail = C.tenon_type_kind(f.result) == kindResult && !isResult(b.resultType)
	of := f.returned(b.resultType)
	switch {
	case of == nil && b.resultType != noneType:
		made.refuse("$result", "the function returns nothing, not a `%s`: use tenon.None", b.resultType)
	case of != nil && b.resultType == noneType:
		b.ignoresResult = true
	case of != nil:
		b.result = bind(b.resultType)
	}
	_, isScalar := b.result.(scalar)
	b.needsArena = f.result != nil && (b.mayFail || !isScalar)
	b.isFlat = !b.needsArena && !f.isAsync
	for _, p := range b.params {
		_, isScalar := p.codec.(scalar)
		b.isFlat = b.isFlat && isScalar
	}
}

// bindFrame binds a struct: its first field is the result, and the others are the parameters.
func bindFrame[F any](from Exports, iface, name string) (*binding, error) {
	f, err := from.Function(iface, name)
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(f)
	frame := reflect.TypeFor[F]()
	b := &binding{function: f, resultType: frame.Field(0).Type}
	made := binder{objects: f.composition.objects, function: f.name}
	if count := int(C.tenon_function_param_count(f.handle)); count != frame.NumField()-2 {
		made.refuse("$", "the function has %d parameters, not %d", count, frame.NumField()-2)
		return nil, made.error(f)
	}
	for i := range frame.NumField() - 2 {
		field := frame.Field(i + 1)
		of := C.tenon_function_param_type(f.handle, C.size_t(i))
		b.params = append(b.params, param{made.bind(field.Type, of, "$."+f.paramName(i)), field.Offset})
	}
	b.bindResult(&made, func(t reflect.Type) codec { return made.bind(t, f.returned(t), "$result") })
	return b, made.error(f)
}

// The arguments of a typed call, with room for its flat values. That is last, and the result is first.
type frame0[R any] struct {
	r    R
	flat [1]uint64
}
type frame1[R, A any] struct {
	r    R
	a    A
	flat [2]uint64
}
type frame2[R, A, B any] struct {
	r    R
	a    A
	b    B
	flat [3]uint64
}
type frame3[R, A, B, C any] struct {
	r    R
	a    A
	b    B
	c    C
	flat [4]uint64
}
type frame4[R, A, B, C, D any] struct {
	r    R
	a    A
	b    B
	c    C
	d    D
	flat [5]uint64
}

// Func0 finds a function without parameters as a Go function. R: the type of the result; None: there is none, or it is
// not wanted. If the function returns a WIT `result`, R is its payload, and its error is returned as an error, in which
// errors.As finds an *ErrorValue. Types that do not fit are all reported, as type-signature.
func Func0[R any](from Exports, iface, name string) (func(context.Context) (R, error), error) {
	b, err := bindFrame[frame0[R]](from, iface, name)
	return func(ctx context.Context) (R, error) {
		f := &frame0[R]{}
		err := b.callFrame(ctx, unsafe.Pointer(f), f.flat[:])
		return finish(&f.r, err)
	}, err
}

// Func1 finds a function with one parameter, as Func0.
func Func1[A, R any](from Exports, iface, name string) (func(context.Context, A) (R, error), error) {
	b, err := bindFrame[frame1[R, A]](from, iface, name)
	return func(ctx context.Context, x A) (R, error) {
		f := &frame1[R, A]{a: x}
		err := b.callFrame(ctx, unsafe.Pointer(f), f.flat[:])
		return finish(&f.r, err)
	}, err
}

// Func2 finds a function with two parameters, as Func0.
func Func2[A, B, R any](from Exports, iface, name string) (func(context.Context, A, B) (R, error), error) {
	b, err := bindFrame[frame2[R, A, B]](from, iface, name)
	return func(ctx context.Context, x A, y B) (R, error) {
		f := &frame2[R, A, B]{a: x, b: y}
		err := b.callFrame(ctx, unsafe.Pointer(f), f.flat[:])
		return finish(&f.r, err)
	}, err
}

// Func3 finds a function with three parameters, as Func0.
func Func3[A, B, C, R any](from Exports, iface, name string) (func(context.Context, A, B, C) (R, error), error) {
	b, err := bindFrame[frame3[R, A, B, C]](from, iface, name)
	return func(ctx context.Context, x A, y B, z C) (R, error) {
		f := &frame3[R, A, B, C]{a: x, b: y, c: z}
		err := b.callFrame(ctx, unsafe.Pointer(f), f.flat[:])
		return finish(&f.r, err)
	}, err
}

// Func4 finds a function with four parameters, as Func0. Function.Call takes any number.
func Func4[A, B, C, D, R any](from Exports, iface, name string) (func(context.Context, A, B, C, D) (R, error), error) {
	b, err := bindFrame[frame4[R, A, B, C, D]](from, iface, name)
	return func(ctx context.Context, x A, y B, z C, u D) (R, error) {
		f := &frame4[R, A, B, C, D]{a: x, b: y, c: z, d: u}
		err := b.callFrame(ctx, unsafe.Pointer(f), f.flat[:])
		return finish(&f.r, err)
	}, err
}

// finish returns the result of a call. After a failure, it can still be written, by a call that goes on.
func finish[R any](result *R, err error) (R, error) {
	if err != nil {
		var none R
		return none, err
	}
	return *result, nil
}

func (b *binding) callFrame(ctx context.Context, frame unsafe.Pointer, flat []uint64) error {
	if b.isFlat && ctx.Done() == nil {
		return b.callFlat(frame, flat)
	}
	return (&call{binding: b, result: frame, frame: frame}).run(ctx)
}

// callFlat calls a function of numbers, without a context that could end it. flat: room for the arguments and the result.
func (b *binding) callFlat(frame unsafe.Pointer, flat []uint64) error {
	c := b.function.composition
	if !c.life.enter() {
		return closedError("the call")
	}
	defer c.life.exit()
	if c.turn != nil {
		hasTurn, _ := c.waitForTurn(context.Background())
		if hasTurn {
			defer c.turn.leave()
		}
	}
	for i := range b.params {
		flat[i] = b.params[i].codec.(scalar).load(unsafe.Add(frame, b.params[i].offset))
	}
	count := len(b.params)
	err := C.tenon_function_call_flat(b.function.handle, (*C.uint64_t)(&flat[0]), C.size_t(count), (*C.uint64_t)(&flat[count]))
	if err != nil {
		return takeError(err, nil)
	}
	if s, ok := b.result.(scalar); ok {
		storeInteger(frame, s.size(), flat[count])
	}
	runtime.KeepAlive(b.function)
	return nil
}

// call is one call: where its result goes, and where its arguments are.
type call struct {
	*binding
	result unsafe.Pointer
	frame  unsafe.Pointer   // has the arguments, at the offsets of the parameters; nil:
	args   []unsafe.Pointer // the arguments
}

func (c *call) run(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("tenon: %s: %w", c.function.name, err)
	}
	m := newMemory()
	isPassed := false
	defer func() { m.free(isPassed) }()
	values := m.newValues(len(c.params) + 1)
	for i := range c.params {
		var from unsafe.Pointer
		if c.frame != nil {
			from = unsafe.Add(c.frame, c.params[i].offset)
		} else {
			from = c.args[i]
		}
		if problem := c.params[i].codec.write(m, from, &values[i]); problem != nil {
			return failCall(c.function, "value-type", fmt.Sprintf("the argument `%s`%s is not valid: %s", c.function.paramName(i), problem.path, problem.message))
		}
	}
	err := c.enter(ctx, m, values)
	isPassed = isEntered(err)
	runtime.KeepAlive(c.function)
	return err
}

// isEntered says whether a call has reached the guest.
func isEntered(err error) bool {
	failed, ok := err.(*CallError)
	return !ok || failed.Kind != BadCall
}

func (c *call) enter(ctx context.Context, m *memory, values []value) error {
	f := c.function
	if f.isAsync {
		return c.start(ctx, m, values)
	}
	result := &values[len(values)-1]
	var arena *C.tenon_arena
	if c.needsArena {
		arena = m.arena()
	}
	out := result.c()
	if f.result == nil || c.ignoresResult && !c.mayFail {
		out, arena = nil, nil
	}
	err := f.composition.run(ctx, func() *C.tenon_error {
		return C.tenon_function_call(f.handle, values[0].c(), C.size_t(len(values)-1), arena, out)
	})
	if err != nil || out == nil {
		return err
	}
	return c.take(result)
}

// take reads the result.
func (c *call) take(result *value) error {
	if c.mayFail {
		if result.index != 0 {
			return newGuestError(c.function, (*value)(result.pointer()))
		}
		result = (*value)(result.pointer())
	}
	if c.binding.result == nil {
		return nil
	}
	if problem := c.binding.result.read(c.function.composition, result, c.result); problem != nil {
		return failCall(c.function, "value-type", fmt.Sprintf("the result%s is not valid: %s", problem.path, problem.message))
	}
	return nil
}

// How many functions of the program run on a thread of a guest.
var hostCalls atomic.Int64

// run lets one call into the composition, and interrupts it when the context ends.
func (c *Composition) run(ctx context.Context, call func() *C.tenon_error) error {
	if !c.life.enter() {
		return closedError("the call")
	}
	defer c.life.exit()
	if c.turn == nil {
		return takeError(call(), nil)
	}
	hasTurn, err := c.waitForTurn(ctx)
	if err != nil {
		return err
	}
	if hasTurn {
		defer c.turn.leave()
	}
	if ctx.Done() == nil {
		return takeError(call(), nil)
	}
	returned, over := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		for { // the first one can come before the guest runs
			C.tenon_composition_interrupt(c.handle)
			select {
			case <-returned:
				return
			case <-time.After(turnCheck):
			}
		}
	})
	failed := call()
	close(returned)
	if !stop() {
		<-over // it must not interrupt the next call
	}
	return takeError(failed, context.Cause(ctx))
}

// started is a call that ends later.
type started struct {
	call
	state atomic.Int32
	done  chan error
}

const (
	inProgress = iota
	hasEnded
	isAbandoned // its caller does not wait any more
)

// start starts an async function, and waits for its end or that of the context.
func (c *call) start(ctx context.Context, m *memory, values []value) error {
	s := &started{call: *c, done: make(chan error, 1)}
	number := cgo.NewHandle(s)
	var task *C.tenon_task
	err := c.function.composition.run(ctx, func() *C.tenon_error {
		return C.tenon_go_start(c.function.handle, values[0].c(), C.size_t(len(values)-1), C.uintptr_t(number), &task)
	})
	if err != nil {
		number.Delete()
		return err
	}
	defer C.tenon_task_delete(task)
	select {
	case err := <-s.done:
		return withCause(err, context.Cause(ctx))
	case <-ctx.Done():
	}
	if !s.state.CompareAndSwap(inProgress, isAbandoned) {
		return withCause(<-s.done, context.Cause(ctx))
	}
	C.tenon_task_cancel(task)
	return fmt.Errorf("tenon: %s was cancelled: %w", c.function.name, context.Cause(ctx))
}

// withCause adds what ended a context to the failure of an interrupted call.
func withCause(err, cause error) error {
	if failed, ok := err.(*CallError); ok && failed.Kind == Interrupted {
		failed.cause = cause
	}
	return err
}

//export tenonGoDone
func tenonGoDone(number C.uintptr_t, failed *C.tenon_error, result *C.tenon_value) {
	s := cgo.Handle(number).Value().(*started)
	cgo.Handle(number).Delete()
	err := takeError(failed, nil)
	if !s.state.CompareAndSwap(inProgress, hasEnded) {
		return
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("tenon: %s: %v", s.function.name, thrown)
		}
		s.done <- err
	}()
	if err == nil && s.function.result != nil {
		err = s.take((*value)(unsafe.Pointer(result)))
	}
}
