package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unsafe"
)

// Severity says how bad a problem is.
type Severity int

const (
	SeverityError   Severity = C.TENON_SEVERITY_ERROR
	SeverityWarning Severity = C.TENON_SEVERITY_WARNING
	SeverityNote    Severity = C.TENON_SEVERITY_NOTE
)

// Note is a fact that explains a problem, with lines that show it.
type Note struct {
	Text  string
	Lines []string
}

// Diagnostic is one problem. What is unknown is "" or 0.
type Diagnostic struct {
	Code     string // stable, from docs/diagnostics.md: "resolve-cycle"
	Message  string
	Severity Severity
	File     string // as it was given
	Unit     string
	Item     string // import, export or key: "acme:tax/lib@1.2.0"
	Offset   int64  // of a byte in the file; -1: unknown
	Line     int    // from 1
	Column   int    // from 1, in characters
	Lines    []string
	Notes    []Note
	Hints    []string // what to do
}

// Error has the problems that were found, at least one.
type Error struct {
	Diagnostics []Diagnostic
	text        string
}

func (e *Error) Error() string {
	first := e.Diagnostics[0]
	message := first.Code + ": " + first.Message
	if more := len(e.Diagnostics) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	return message
}

// Text returns all problems, on several lines, as the command prints them.
func (e *Error) Text() string {
	if e.text != "" {
		return e.text
	}
	var text strings.Builder
	for _, d := range e.Diagnostics {
		fmt.Fprintf(&text, "error[%s]: %s\n", d.Code, d.Message)
		for _, hint := range d.Hints {
			fmt.Fprintf(&text, "   = help: %s\n", hint)
		}
	}
	return text.String()
}

// FailureKind says why a call failed.
type FailureKind int

const (
	Trap        FailureKind = C.TENON_FAILURE_TRAP
	OpenImport  FailureKind = C.TENON_FAILURE_OPEN_IMPORT // the guest called an import that nothing provides
	Deadline    FailureKind = C.TENON_FAILURE_DEADLINE    // a limit of the composition
	Ended       FailureKind = C.TENON_FAILURE_ENDED       // the function's domain had ended before
	Reentrance  FailureKind = C.TENON_FAILURE_REENTRANCE  // the call would wait for itself
	Engine      FailureKind = C.TENON_FAILURE_ENGINE
	BadCall     FailureKind = C.TENON_FAILURE_BAD_CALL    // the guest was not entered; the diagnostics say why
	GuestError  FailureKind = C.TENON_FAILURE_GUEST_ERROR // a packr package returned an error, and goes on
	Interrupted FailureKind = C.TENON_FAILURE_INTERRUPTED
	Deadlock    FailureKind = C.TENON_FAILURE_DEADLOCK
	Remote      FailureKind = C.TENON_FAILURE_REMOTE
	Refused     FailureKind = C.TENON_FAILURE_REFUSED // by middleware
)

// Frame is a frame of a guest's stack.
type Frame struct {
	Unit     string // "": the host or an adapter
	Function string
	Module   string
	Source   string // "tax.c:7:3"
	Offset   int64  // in bytes, into the unit's component; -1: unknown
}

// CallError is a failed call. If its context has ended, errors.Is finds the context's error.
type CallError struct {
	Kind        FailureKind
	Unit        string
	Function    string
	Message     string
	Import      string // of OpenImport
	Domain      string // to which the limits belong
	Limits      []string
	Waits       []string // what the composition waited for, of Deadlock and Deadline
	Backtrace   []Frame  // innermost first
	Diagnostics []Diagnostic
	problems    *Error
	cause       error // of a context
}

func (e *CallError) Error() string { return e.problems.Error() }

// Text is as that of Error.
func (e *CallError) Text() string { return e.problems.Text() }

// Unwrap returns an *Error, and what ended the context of the call.
func (e *CallError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.problems}
	}
	return []error{e.problems, e.cause}
}

// Explain returns the explanation of a code as Markdown; "": the code is unknown.
func Explain(code string) string {
	text, free := cString(code)
	defer free()
	page := C.tenon_explain_code(text)
	defer C.tenon_free(unsafe.Pointer(page))
	return C.GoString(page)
}

// takeError converts an error of C, and deletes it. cause: of the context of a call; can be nil.
func takeError(from *C.tenon_error, cause error) error {
	if from == nil {
		return nil
	}
	defer C.tenon_error_delete(from)
	e := &Error{text: C.GoString(C.tenon_error_text(from))}
	for i := range C.tenon_error_count(from) {
		e.Diagnostics = append(e.Diagnostics, makeDiagnostic(C.tenon_error_problem(from, i)))
	}
	failure := C.tenon_error_failure(from)
	if failure == nil {
		return e
	}
	failed := &CallError{problems: e, Diagnostics: e.Diagnostics, Kind: FailureKind(failure.kind), Unit: C.GoString(failure.unit),
		Function: C.GoString(failure.function), Message: C.GoString(failure.message),
		Import: C.GoString(failure._import), Domain: C.GoString(failure.domain),
		Limits: goStrings(failure.limits, failure.nlimits), Waits: goStrings(failure.waits, failure.nwaits)}
	for _, frame := range unsafe.Slice(failure.frames, failure.nframes) {
		failed.Backtrace = append(failed.Backtrace, Frame{C.GoString(frame.unit), C.GoString(frame.function),
			C.GoString(frame.module), C.GoString(frame.source), int64(frame.offset)})
	}
	return withCause(failed, cause)
}

func makeDiagnostic(p *C.tenon_problem) Diagnostic {
	d := Diagnostic{Code: C.GoString(p.code), Message: C.GoString(p.message), Severity: Severity(p.severity),
		File: C.GoString(p.file), Unit: C.GoString(p.unit), Item: C.GoString(p.item), Offset: int64(p.offset),
		Line: int(p.line), Column: int(p.column), Lines: goStrings(p.lines, p.nlines)}
	for _, note := range unsafe.Slice(p.notes, p.nnotes) {
		d.Notes = append(d.Notes, Note{C.GoString(note.text), goStrings(note.lines, note.nlines)})
	}
	for _, hint := range goStrings(p.hints, p.nhints) {
		d.Hints = append(d.Hints, goHint(hint))
	}
	return d
}

// What hints call by the names of C, and this package has under another one.
var goHint = strings.NewReplacer("tenon_builder_set_root(builder, ", "tenon.Root(", "tenon_builder_set_root", "tenon.Root",
	"tenon_builder_allow_unresolved(builder)", "tenon.AllowUnresolved()", "tenon_builder_trust(builder)", "tenon.Trust()",
	"tenon_builder_trust", "tenon.Trust", "tenon_builder_add_component", "tenon.Component",
	"tenon_builder_isolate_all(builder)", "tenon.Isolate()", "tenon_builder_isolate(builder, ", "tenon.Isolate(",
	"tenon_builder_restart", "tenon.Restart", "tenon_builder_set_limit", "tenon.Limit",
	"tenon_builder_read_manifest", "tenon.Manifest", "tenon_swap_options.make_stale", "tenon.SwapOptions.MakeStale").Replace

// failCall is the failure of a call that Go refuses: the guest was not entered.
func failCall(f *Function, code, message string, hints ...string) error {
	problems := &Error{Diagnostics: []Diagnostic{{Code: code, Message: fmt.Sprintf("`%s`: %s", f.name, message),
		Item: f.iface, Offset: -1, Hints: hints}}}
	return &CallError{Kind: BadCall, Function: f.name, Message: message, Diagnostics: problems.Diagnostics, problems: problems}
}

// ErrorValue is the error of a WIT `result` that a function returned, with its payload:
//
//	var failed *tenon.ErrorValue[ParseError]
//	if errors.As(err, &failed) { ... failed.Value.Line ... }
//
// A function of the program returns one to fail with a payload.
type ErrorValue[E any] struct{ Value E }

func (e *ErrorValue[E]) Error() string { return describe(reflect.ValueOf(e.Value)) }

// describe prints a payload: pointers as what they point to.
func describe(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "error"
	case v.Type().Implements(reflect.TypeFor[error]()):
		return v.Interface().(error).Error()
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return describe(v.Elem())
	case v.Kind() == reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			field := v.Field(i)
			isUnset := (field.Kind() == reflect.Pointer || field.Kind() == reflect.Bool) && field.IsZero()
			if v.Type().Field(i).IsExported() && !isUnset {
				parts = append(parts, v.Type().Field(i).Name+": "+describe(field))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// errorPayload is what ErrorValue has for every E.
type errorPayload interface {
	error
	payload() reflect.Value // a pointer to it
}

func (e *ErrorValue[E]) payload() reflect.Value { return reflect.ValueOf(&e.Value) }

// guestError is the error of a WIT `result`, before it is known which Go type its payload has.
type guestError struct {
	function *Function
	memory   *memory
	payload  *value // nil: none
}

func newGuestError(f *Function, payload *value) *guestError {
	e := &guestError{function: f, memory: newGoMemory()}
	if payload != nil {
		e.payload = &e.memory.newValues(1)[0]
		copyValue(e.memory, payload, e.payload)
	}
	return e
}

// copyValue copies a value that ends with its call, without the handles in it.
func copyValue(m *memory, from, to *value) {
	*to = *from
	switch {
	case from.kind == kindString:
		to.setPointer(m.copy(from.pointer(), int(from.length)), int(from.length))
	case from.kind == kindPacked:
		size := int(scalar(from.elem).size())
		to.setPointer(m.copy(from.pointer(), int(from.length)*size), int(from.length))
	case from.kind >= kindOwn:
		to.bits = 0
	case from.kind == kindVariant || from.kind == kindOption || from.kind == kindResult:
		if from.pointer() != nil {
			payload := &m.newValues(1)[0]
			copyValue(m, (*value)(from.pointer()), payload)
			to.setPointer(unsafe.Pointer(payload), 0)
		}
	case from.kind >= kindList && from.kind <= kindMap:
		found, items := from.items(), m.newValues(int(from.length))
		for i := range found {
			copyValue(m, &found[i], &items[i])
		}
		to.setPointer(unsafe.Pointer(unsafe.SliceData(items)), len(items))
	}
}

func (e *guestError) Error() string {
	return fmt.Sprintf("%s: %s", e.function.name, describeValue(e.payload, C.tenon_type_part(e.function.result, 1)))
}

// As fills an *ErrorValue whose type fits the payload.
func (e *guestError) As(target any) bool {
	to := reflect.ValueOf(target).Elem() // errors.As has checked that it is a pointer
	if to.Kind() != reflect.Pointer || !to.Type().Implements(reflect.TypeFor[errorPayload]()) {
		return false
	}
	made := reflect.New(to.Type().Elem())
	of := made.Interface().(errorPayload).payload()
	if e.payload == nil {
		to.Set(made)
		return of.Type().Elem() == noneType
	}
	b := binder{objects: e.function.composition.objects}
	codec := b.bind(of.Type().Elem(), C.tenon_type_part(e.function.result, 1), "$result.err")
	if len(b.problems) != 0 || codec.read(e.function.composition, e.payload, of.UnsafePointer()) != nil {
		return false
	}
	to.Set(made)
	runtime.KeepAlive(e)
	return true
}

// describeValue prints a value like WAVE, for messages.
func describeValue(v *value, wit *C.tenon_type) string {
	if v == nil || wit == nil {
		return "error"
	}
	switch v.kind {
	case kindString:
		return string(unsafe.Slice((*byte)(v.pointer()), v.length))
	case kindEnum:
		return labelOf(wit, int(v.index))
	case kindVariant:
		if v.pointer() == nil {
			return labelOf(wit, int(v.index))
		}
		return fmt.Sprintf("%s(%s)", labelOf(wit, int(v.index)), describeValue((*value)(v.pointer()), partOf(wit, int(v.index))))
	case kindRecord:
		var parts []string
		items := v.items()
		for i := range items {
			parts = append(parts, labelOf(wit, i)+": "+describeValue(&items[i], partOf(wit, i)))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case kindBool, kindU8, kindU16, kindU32, kindU64, kindS8, kindS16, kindS32, kindS64:
		return fmt.Sprint(int64(v.bits))
	}
	return C.GoString(C.tenon_type_wit(wit))
}

func goStrings(texts **C.char, count C.size_t) []string {
	var list []string
	for _, text := range unsafe.Slice(texts, count) {
		list = append(list, C.GoString(text))
	}
	return list
}

// cString copies text for C. Call what it returns to free it. Names and paths have no NUL; with another character in its
// place, they do not exist.
func cString(text string) (*C.char, func()) {
	copied := C.CString(strings.ReplaceAll(text, "\x00", "\uFFFD"))
	return copied, func() { C.free(unsafe.Pointer(copied)) }
}
