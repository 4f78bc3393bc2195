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
	"reflect"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"unsafe"
	"weak"
)

// HostFunc adds a Go function that units import. It has the type that the import has, with which Link compares the Go
// types (docs/go.md). iface: "acme:log/log", "acme:log/log@1.0.0"; "": a bare function. name: "write",
// "[method]bucket.get".
//
//	func(name string) uint32          // -> u32
//	func(name string) (uint32, error) // -> result<u32, string>, or another error by *ErrorValue
//	func(name string) error           // -> result<_, string>
//
// A panic is a trap with its message, which ends the caller's domain. The function runs on the thread of the guest, and
// may call the composition. It must not call runtime.Goexit, as testing.T.FailNow does.
//
// A function whose first parameter is a context.Context runs on a goroutine of its own, and other calls run meanwhile.
// The context ends when nobody waits for the function any more.
func HostFunc(iface, name string, fn any) Option {
	return func(l *linker) {
		l.functions = append(l.functions, &hostFunction{iface: iface, name: name, fn: reflect.ValueOf(fn), objects: l.objects,
			composition: weak.Make(l.composition)})
	}
}

// HostResource adds a resource of the program: guests hold handles of values of a Go type, which is a pointer. Its
// functions are added by HostFunc; they get and return the pointers. When the guest that owns a handle drops it, or ends,
// the value is closed, if it is an io.Closer. A function that gets an `own` handle has the value, which is not closed.
func HostResource[T any](iface, name string) Option {
	return func(l *linker) {
		t := reflect.TypeFor[T]()
		if t.Kind() != reflect.Pointer {
			l.err = errors.Join(l.err, &Error{Diagnostics: []Diagnostic{{Code: "type-signature", Item: iface, Offset: -1,
				Message: fmt.Sprintf("the resource `%s` is a `%s`, and must be a pointer", name, t)}}})
			return
		}
		l.objects[t] = append(l.objects[t], programResource{iface, name})
		cText(func(texts []*C.char) {
			C.tenon_go_add_resource(l.builder, texts[0], texts[1], C.uintptr_t(cgo.NewHandle(name)))
		}, iface, name)
	}
}

// importList is what the units of a builder import: the types of functions of the program, which refer to it.
type importList struct {
	handle    *C.tenon_imports
	functions []importedFunction
}

type importedFunction struct {
	iface, name string
	of          *C.tenon_function // describes it
}

func (l *linker) listImports() error {
	l.imports = &importList{}
	if err := takeError(C.tenon_builder_imports(l.builder, &l.imports.handle), nil); err != nil {
		return err
	}
	runtime.AddCleanup(l.imports, func(handle *C.tenon_imports) { C.tenon_imports_delete(handle) }, l.imports.handle)
	for i := range C.tenon_imports_count(l.imports.handle) {
		of := C.tenon_imports_function(l.imports.handle, i)
		l.imports.functions = append(l.imports.functions,
			importedFunction{C.GoString(C.tenon_function_interface(of)), C.GoString(C.tenon_function_name(of)), of})
	}
	return nil
}

// bindFunctions compares the functions of the program with the imports, and adds them.
func (l *linker) bindFunctions() error {
	if err := l.listImports(); err != nil {
		return err
	}
	var problems []Diagnostic
	for _, function := range l.functions {
		problems = append(problems, function.bind(l)...)
	}
	if len(problems) != 0 {
		return &Error{Diagnostics: problems}
	}
	return nil
}

// find describes the import that a function provides. nil: no unit imports it.
func (i *importList) find(f *hostFunction, b *binder) *C.tenon_function {
	var found *C.tenon_function
	for _, each := range i.functions {
		if each.name != f.name || !isOf(each.iface, f.iface) {
			continue
		}
		if found != nil && !isSameFunction(found, each.of) {
			part := "version of the interface"
			if strings.Contains(f.iface, "*") {
				part = "interface"
			}
			b.refuse(f.name, "units import it with several types: name the %s", part)
			return found
		}
		found = each.of
	}
	return found
}

// hostFunction is a function of the program.
type hostFunction struct {
	iface, name  string
	fn           reflect.Value
	takesContext bool
	imports      *importList // keeps the types
	params       []codec
	result       codec         // nil: none
	fails        bool          // its last result is an error
	failure      *C.tenon_type // of a payload of that; nil: none, or it is not known
	objects      objectTypes
	errors       sync.Map // codecs of payloads, by their types
	composition  weak.Pointer[Composition]
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// bind makes the codecs, and adds the function to the builder. Returns what is wrong with its type.
func (f *hostFunction) bind(l *linker) []Diagnostic {
	b := binder{objects: l.objects, function: f.iface + "#" + f.name}
	if f.fn.Kind() != reflect.Func || f.fn.IsNil() || f.fn.Type().IsVariadic() {
		b.refuse(f.name, "it must be a function without variadic parameters")
		return b.problems
	}
	t := f.fn.Type()
	first := 0
	if t.NumIn() > 0 && t.In(0) == contextType {
		f.takesContext, first = true, 1
	}
	f.imports = l.imports
	of := l.imports.find(f, &b)
	if count := int(C.tenon_function_param_count(of)); of != nil && count != t.NumIn()-first {
		b.refuse(f.name, "the Go function has %d parameters, and the import %d: `%s`", t.NumIn()-first, count, witOf(of))
		return b.problems
	}
	for i := first; i < t.NumIn(); i++ {
		wit := C.tenon_function_param_type(of, C.size_t(i-first))
		f.params = append(f.params, b.bind(t.In(i), wit, fmt.Sprintf("parameter %d", i+1)))
	}
	f.bindResult(&b, t, of)
	if len(b.problems) == 0 {
		cText(func(texts []*C.char) {
			isAsync := C.int(0)
			if f.takesContext {
				isAsync = 1
			}
			C.tenon_go_add_function(l.builder, texts[0], texts[1], C.uintptr_t(cgo.NewHandle(f)), isAsync)
		}, f.iface, f.name)
	}
	return b.problems
}

// bindResult makes the codec of the result. of: the import; nil: it is not known.
func (f *hostFunction) bindResult(b *binder, t reflect.Type, of *C.tenon_function) {
	results := t.NumOut()
	if results > 0 && t.Out(results-1) == errorType {
		f.fails = true
		results--
	}
	if results > 1 {
		b.refuse(f.name, "it has %d results: at most one, and an error", t.NumOut())
		return
	}
	hasResult := results == 1 && t.Out(0) != noneType
	wit := C.tenon_function_result_type(of)
	if of != nil && f.fails {
		if C.tenon_type_kind(wit) != kindResult {
			b.refuse(f.name, "the Go function returns an error, and the import no `result`: `%s`", witOf(of))
			return
		}
		wit, f.failure = C.tenon_type_part(wit, 0), C.tenon_type_part(wit, 1)
	}
	switch {
	case of != nil && !hasResult && wit != nil:
		b.refuse(f.name, "the Go function has no result, and the import has one: `%s`", witOf(of))
	case of != nil && hasResult && wit == nil:
		b.refuse(f.name, "the Go function has a result, and the import has none: `%s`", witOf(of))
	case hasResult:
		f.result = b.bind(t.Out(0), wit, "result")
	}
}

func witOf(function *C.tenon_function) string { return C.GoString(C.tenon_function_wit(function)) }

// read converts arguments.
func (f *hostFunction) read(c *Composition, args []value) ([]reflect.Value, error) {
	if c == nil {
		return nil, errors.New("the composition is closed")
	}
	if len(args) != len(f.params) {
		return nil, fmt.Errorf("the Go function has %d parameters, and the import %d", len(f.params), len(args))
	}
	t := f.fn.Type()
	var in []reflect.Value
	for i, param := range f.params {
		made := reflect.New(t.In(t.NumIn() - len(f.params) + i))
		if problem := param.read(c, &args[i], made.UnsafePointer()); problem != nil {
			return nil, fmt.Errorf("the Go type of parameter %d does not fit%s: %s", i+1, problem.path, problem.message)
		}
		in = append(in, made.Elem())
	}
	return in, nil
}

// write converts results.
func (f *hostFunction) write(m *memory, out []reflect.Value, to *value) error {
	*to = value{kind: kindResult}
	if f.fails {
		if err, _ := out[len(out)-1].Interface().(error); err != nil {
			to.index = 1
			return f.writeError(m, err, to)
		}
	}
	if f.result == nil {
		return nil
	}
	if f.fails {
		payload := m.newValues(1)
		to.setPointer(unsafe.Pointer(&payload[0]), 0)
		to = &payload[0]
	}
	return writeCopy(m, f.result, out[0], to)
}

func writeCopy(m *memory, of codec, from reflect.Value, to *value) error {
	copied := reflect.New(from.Type())
	copied.Elem().Set(from)
	if problem := of.write(m, copied.UnsafePointer(), to); problem != nil {
		return fmt.Errorf("the result%s is not valid: %s", problem.path, problem.message)
	}
	return nil
}

func (f *hostFunction) writeError(m *memory, err error, to *value) error {
	from := reflect.ValueOf(err.Error())
	if payload := errorPayload(nil); errors.As(err, &payload) {
		from = payload.payload().Elem()
	}
	if from.Type() == noneType {
		return nil
	}
	found, ok := f.errors.Load(from.Type())
	if !ok {
		b := binder{objects: f.objects}
		made := b.bind(from.Type(), f.failure, "error")
		runtime.KeepAlive(f.imports)
		if len(b.problems) != 0 {
			return &Error{Diagnostics: b.problems}
		}
		found, _ = f.errors.LoadOrStore(from.Type(), made)
	}
	payload := m.newValues(1)
	to.setPointer(unsafe.Pointer(&payload[0]), 0)
	return writeCopy(m, found.(codec), from, &payload[0])
}

// guard calls a function, and returns its panic as an error.
func guard(call func() error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("panic: %v", thrown)
		}
	}()
	return call()
}

// A function of the program on the thread of its guest. Returns the message of a trap, or NULL.
//
//export tenonGoCall
func tenonGoCall(number C.uintptr_t, call *C.tenon_call, args *C.tenon_value, count C.size_t, result *C.tenon_value) *C.char {
	hostCalls.Add(1)
	defer hostCalls.Add(-1)
	err := guard(func() error {
		f := cgo.Handle(number).Value().(*hostFunction)
		in, err := f.read(f.composition.Value(), unsafe.Slice((*value)(unsafe.Pointer(args)), count))
		if err != nil {
			return err
		}
		m := newCallMemory(call)
		isPassed := false
		defer func() { m.free(isPassed) }()
		err = f.write(m, f.fn.Call(in), (*value)(unsafe.Pointer(result)))
		isPassed = err == nil
		return err
	})
	if err == nil {
		return nil
	}
	return C.CString(err.Error())
}

// The contexts of functions in progress, by their completions.
var completions sync.Map

// A function of the program on a goroutine.
//
//export tenonGoStart
func tenonGoStart(number C.uintptr_t, completion C.tenon_completion, args *C.tenon_value, count C.size_t) {
	f := cgo.Handle(number).Value().(*hostFunction)
	c := f.composition.Value()
	var in []reflect.Value
	err := guard(func() (err error) {
		in, err = f.read(c, unsafe.Slice((*value)(unsafe.Pointer(args)), count))
		return err
	})
	if err != nil {
		fail(c, completion, err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	completions.Store(completion, cancel)
	c.tasks.Add(1)
	go func() {
		defer func() {
			completions.Delete(completion)
			cancel()
			c.tasks.Add(-1)
		}()
		f.runTask(c, completion, append([]reflect.Value{reflect.ValueOf(ctx)}, in...))
	}()
}

func (f *hostFunction) runTask(c *Composition, completion C.tenon_completion, in []reflect.Value) {
	isOver := false
	defer func() {
		if !isOver { // runtime.Goexit
			fail(c, completion, errors.New("its goroutine has ended"))
		}
	}()
	m := newMemory()
	isPassed := false
	defer func() { m.free(isPassed) }()
	result := m.newValues(1)
	err := guard(func() error { return f.write(m, f.fn.Call(in), &result[0]) })
	isOver = true
	if err != nil {
		fail(c, completion, err)
		return
	}
	if c.life.hasEnded() {
		return
	}
	isPassed = C.tenon_go_complete(completion, result[0].c()) == 0
}

func fail(c *Composition, completion C.tenon_completion, err error) {
	if c == nil || c.life.hasEnded() {
		return // the library has forgotten the completion
	}
	message, free := cString(err.Error())
	defer free()
	C.tenon_go_fail(completion, message)
}

//export tenonGoCancel
func tenonGoCancel(_ C.uintptr_t, completion C.tenon_completion) {
	if cancel, ok := completions.Load(completion); ok {
		cancel.(context.CancelFunc)()
	}
}

//export tenonGoDrop
func tenonGoDrop(number C.uintptr_t) { cgo.Handle(number).Delete() }

//export tenonGoDropObject
func tenonGoDropObject(_, rep C.uintptr_t) {
	hostCalls.Add(1)
	defer hostCalls.Add(-1)
	_ = guard(func() error {
		object := cgo.Handle(rep).Value()
		cgo.Handle(rep).Delete()
		if closer, ok := object.(io.Closer); ok {
			return closer.Close()
		}
		return nil
	})
}
