package tenon

/*
#cgo pkg-config: tenon-c
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Option is a part of a composition, or a choice for it.
type Option func(*linker)

// linker is a builder of C, and what its composition needs in Go.
type linker struct {
	builder     *C.tenon_builder
	composition *Composition
	functions   []*hostFunction
	imports     *importList // nil: there are no functions
	objects     objectTypes
	isParallel  bool
	err         error // the first one of an option
}

// cText calls a function with texts for C.
func cText(call func(texts []*C.char), texts ...string) {
	copied := make([]*C.char, len(texts))
	for i, text := range texts {
		var free func()
		copied[i], free = cString(text)
		defer free()
	}
	call(copied)
}

func orNil(text *C.char) *C.char {
	if *text == 0 {
		return nil
	}
	return text
}

func (l *linker) fail(err *C.tenon_error) {
	if found := takeError(err, nil); l.err == nil {
		l.err = found
	}
}

// Component adds a component, or a packr package, from a file: binary, or `.wat`. Composition.Unit finds it by its
// name.
func Component(name, path string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) {
			C.tenon_builder_add_component(l.builder, t[0], t[1], &reachable)
		}, name, path)
	}
}

var reachable = C.tenon_unit_options{size: C.sizeof_tenon_unit_options, reachable: 1}

// ComponentBytes adds a component from memory, in binary form.
func ComponentBytes(name string, bytes []byte) Option {
	return func(l *linker) {
		cText(func(t []*C.char) {
			C.tenon_builder_add_component_bytes(l.builder, t[0], unsafe.Pointer(unsafe.SliceData(bytes)), C.size_t(len(bytes)), &reachable)
		}, name)
	}
}

// Add adds what the command line takes: FILE, NAME=FILE, a folder or a glob.
func Add(argument string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { l.fail(C.tenon_builder_add_argument(l.builder, t[0])) }, argument)
	}
}

// Manifest reads a tenon.toml from a file.
func Manifest(path string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { l.fail(C.tenon_builder_read_manifest(l.builder, t[0])) }, path)
	}
}

// ManifestText reads a tenon.toml, whose paths are relative to a folder. It has everything that has no option here:
// wires, policies, middleware, remote units, host bundles.
func ManifestText(text, folder string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) {
			l.fail(C.tenon_builder_read_manifest_text(l.builder, (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)), t[0]))
		}, folder)
	}
}

// Name sets the name of the composition in plans and messages.
func Name(name string) Option {
	return func(l *linker) { cText(func(t []*C.char) { C.tenon_builder_set_name(l.builder, t[0]) }, name) }
}

// Root sets the unit whose exports become those of the composition.
func Root(unit string) Option {
	return func(l *linker) { cText(func(t []*C.char) { C.tenon_builder_set_root(l.builder, t[0]) }, unit) }
}

// Wire sets the unit that provides an import. consumer: "": every unit except the provider.
func Wire(consumer, imported, provider string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) {
			wire := C.tenon_wire{size: C.sizeof_tenon_wire}
			wire.consumer, wire._import, wire.provider = orNil(t[0]), t[1], t[2]
			C.tenon_builder_wire(l.builder, &wire)
		}, consumer, imported, provider)
	}
}

// AllowUnresolved links although imports have no provider. Calling one fails with OpenImport.
func AllowUnresolved() Option {
	return func(l *linker) { C.tenon_builder_allow_unresolved(l.builder) }
}

// Isolate places each of the units, or all of them if none is given, in a domain of its own, which has its name and
// fails alone.
func Isolate(units ...string) Option {
	return func(l *linker) {
		if len(units) == 0 {
			C.tenon_builder_isolate_all(l.builder)
		}
		for _, unit := range units {
			cText(func(t []*C.char) { C.tenon_builder_isolate(l.builder, t[0]) }, unit)
		}
	}
}

// Limit sets a limit of a domain by its name and value in a manifest: "memory" "256MiB", "fuel" "1000000",
// "call-timeout" "500ms". domain: "": that of the root.
func Limit(domain, limit, value string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { C.tenon_builder_set_limit(l.builder, orNil(t[0]), t[1], t[2]) }, domain, limit, value)
	}
}

// Restart restarts a domain after it has ended, at most so often within a time; 0: in total. domain: "": every domain.
func Restart(domain string, most uint32, within time.Duration) Option {
	return func(l *linker) {
		cText(func(t []*C.char) {
			C.tenon_builder_restart(l.builder, orNil(t[0]), C.uint32_t(most), C.uint64_t(within.Milliseconds()))
		}, domain)
	}
}

// Process says what a host bundle can do in a process of its own. The zero value is a process that can do what the program
// can, and is not replaced.
type Process struct {
	NoFiles     bool          // no path can be opened, created or looked at, once its library is loaded
	NoNetwork   bool          // it can make no sockets
	Memory      uint64        // bytes that it can write; 0: not limited
	CPU         time.Duration // processor time of its life, rounded up to seconds; 0: not limited
	Descriptors uint64        // open at once, at least 16; 0: as many as the program
	Restarts    uint32        // how many times a process that ended is replaced, by the next call
	Within      time.Duration // restarts are counted within this time; 0: in total
}

// RunInProcess runs a host bundle of a manifest in a process of its own, whose crash fails calls, and not the program. The
// process runs the command `tenon`, beside libtenon.so.0 or in `bin` of its prefix.
func RunInProcess(host string, process Process) Option {
	return func(l *linker) {
		of := C.tenon_process_options{size: C.sizeof_tenon_process_options}
		if process.NoFiles {
			of.no_files = 1
		}
		if process.NoNetwork {
			of.no_network = 1
		}
		of.memory, of.descriptors = C.uint64_t(process.Memory), C.uint64_t(process.Descriptors)
		of.cpu_milliseconds = roundUp(process.CPU)
		of.restarts, of.within_milliseconds = C.uint32_t(process.Restarts), roundUp(process.Within)
		cText(func(t []*C.char) { C.tenon_builder_run_in_process(l.builder, t[0], &of) }, host)
	}
}

// roundUp returns a time in milliseconds, of which 0 means none.
func roundUp(duration time.Duration) C.uint64_t {
	return C.uint64_t((max(duration, 0) + time.Millisecond - 1) / time.Millisecond)
}

// Config sets a value of a unit's configuration, which it reads by `wasi:config`.
func Config(unit, key, value string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { C.tenon_builder_set_config(l.builder, t[0], t[1], t[2]) }, unit, key, value)
	}
}

// Stdio gives the root's domain the standard streams of the process.
func Stdio() Option { return func(l *linker) { C.tenon_builder_inherit_stdio(l.builder) } }

// Directory grants access to a folder: `[ro:|rw:]HOST[::GUEST]`. domain: "": that of the root.
func Directory(domain, directory string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { C.tenon_builder_grant_directory(l.builder, orNil(t[0]), t[1]) }, domain, directory)
	}
}

// Variable sets an environment variable. domain: "": that of the root.
func Variable(domain, name, value string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { C.tenon_builder_grant_variable(l.builder, orNil(t[0]), t[1], t[2]) }, domain, name, value)
	}
}

// Network grants access to a host: "*", "host" or "host:port". domain: "": that of the root.
func Network(domain, host string) Option {
	return func(l *linker) {
		cText(func(t []*C.char) { C.tenon_builder_grant_network(l.builder, orNil(t[0]), t[1]) }, domain, host)
	}
}

// Arguments adds arguments of the command that Composition.RunCommand runs.
func Arguments(arguments ...string) Option {
	return func(l *linker) {
		for _, argument := range arguments {
			cText(func(t []*C.char) { C.tenon_builder_add_program_argument(l.builder, nil, t[0]) }, argument)
		}
	}
}

// Trust consents to what manifests request outside of their folders.
func Trust() Option { return func(l *linker) { C.tenon_builder_trust(l.builder) } }

// Cache sets the folder for compiled code. Without it, each link compiles.
func Cache(folder string) Option {
	return func(l *linker) { cText(func(t []*C.char) { C.tenon_builder_set_cache(l.builder, t[0]) }, folder) }
}

// Parallel lets calls of several goroutines compute at the same time, in different domains, and makes calls between
// units of one domain faster. Contexts then do not end guests that compute; Limit "call-timeout" does.
func Parallel() Option { return func(l *linker) { l.isParallel = true } }

// Link decides which export satisfies each import, compiles, and starts the composition. An *Error has all problems
// that were found. ctx: is looked at before; compilation cannot be cancelled.
func Link(ctx context.Context, options ...Option) (*Composition, error) {
	l, err := newLinker(ctx, options)
	if err != nil {
		return nil, err
	}
	defer C.tenon_builder_delete(l.builder)
	c := l.composition
	c.executor = newExecutor()
	C.tenon_go_set_executor(l.builder, C.uintptr_t(c.executor.number))
	if !l.isParallel {
		c.turn = newTurn()
		C.tenon_builder_allow_interrupt(l.builder)
	}
	if err := takeError(C.tenon_builder_build(l.builder, &c.handle), nil); err != nil {
		c.executor.stop()
		return nil, err
	}
	handle, executor := c.handle, c.executor
	end := func() {
		C.tenon_composition_delete(handle)
		executor.stop()
	}
	c.life.end = end
	c.cleanup = runtime.AddCleanup(c, func(end func()) { go end() }, end)
	return c, nil
}

// Plan decides as Link, and compiles and starts nothing. Returns the plan as JSON and as text for people
// (docs/command.md, `tenon plan`).
func Plan(ctx context.Context, options ...Option) (json, text string, err error) {
	l, err := newLinker(ctx, options)
	if err != nil {
		return "", "", err
	}
	defer C.tenon_builder_delete(l.builder)
	var plan *C.tenon_plan
	if err := takeError(C.tenon_builder_plan(l.builder, &plan), nil); err != nil {
		return "", "", err
	}
	defer C.tenon_plan_delete(plan)
	var cJSON, cText *C.char
	defer func() { C.tenon_free(unsafe.Pointer(cJSON)); C.tenon_free(unsafe.Pointer(cText)) }()
	if err := takeError(C.tenon_plan_json(plan, &cJSON), nil); err != nil {
		return "", "", err
	}
	err = takeError(C.tenon_plan_text(plan, &cText), nil)
	return C.GoString(cJSON), C.GoString(cText), err
}

func newLinker(ctx context.Context, options []Option) (*linker, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	builder := C.tenon_builder_new()
	if builder == nil {
		return nil, &Error{Diagnostics: []Diagnostic{{Code: "api-memory", Message: "there is no memory for a builder", Offset: -1}}}
	}
	l := &linker{builder: builder, objects: objectTypes{}}
	l.composition = &Composition{objects: l.objects}
	for _, option := range options {
		option(l)
	}
	if l.err == nil && len(l.functions) != 0 {
		l.err = l.bindFunctions()
	}
	if l.err != nil {
		C.tenon_builder_delete(builder)
		return nil, l.err
	}
	return l, nil
}

// Composition is a running composition. Goroutines: any number; calls wait for each other.
type Composition struct {
	handle   *C.tenon_composition
	life     lifetime
	cleanup  runtime.Cleanup
	executor *executor
	turn     *turn        // nil: calls do not wait for each other in Go
	tasks    atomic.Int64 // functions of the program in progress that take a context
	objects  objectTypes
}

// Close ends the composition as soon as no call is in progress that computes. Calls that wait fail with Ended, and calls
// that begin later with BadCall. It does not wait, and can be called several times. A composition that is not reachable
// any more is closed, too.
func (c *Composition) Close() error {
	c.cleanup.Stop()
	c.life.close()
	return nil
}

func closedError(what string) error {
	return &Error{Diagnostics: []Diagnostic{{Code: "api-usage", Message: what + ": the composition is closed", Offset: -1}}}
}

// with calls a function of C, while the composition is not closed.
func (c *Composition) with(what string, call func() *C.tenon_error) error {
	if !c.life.enter() {
		return closedError(what)
	}
	defer c.life.exit()
	return takeError(call(), nil)
}

// Unit finds a unit by its name.
func (c *Composition) Unit(name string) (*Unit, error) {
	u := &Unit{composition: c, name: name}
	err := c.with("Unit", func() (err *C.tenon_error) {
		cText(func(t []*C.char) { err = C.tenon_composition_unit(c.handle, t[0], &u.handle) }, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	runtime.AddCleanup(u, func(handle *C.tenon_unit) { C.tenon_unit_delete(handle) }, u.handle)
	return u, nil
}

// Function finds an exported function. iface: any form of its name; "": a bare function, or one of any interface.
// name: as in WIT's binary form: "total", "[method]account.close".
func (c *Composition) Function(iface, name string) (*Function, error) {
	return c.find(iface, name, func(i, n *C.char, f **C.tenon_function) *C.tenon_error {
		return C.tenon_composition_function(c.handle, i, n, f)
	})
}

func (c *Composition) find(iface, name string, find func(i, n *C.char, f **C.tenon_function) *C.tenon_error) (*Function, error) {
	var found *C.tenon_function
	err := c.with("Function", func() (err *C.tenon_error) {
		cText(func(t []*C.char) { err = find(t[0], t[1], &found) }, iface, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newFunction(c, found), nil
}

// Functions lists the exported functions.
func (c *Composition) Functions() ([]*Function, error) {
	var list []*Function
	err := c.with("Functions", func() *C.tenon_error {
		for i := range C.tenon_composition_function_count(c.handle) {
			var found *C.tenon_function
			if err := C.tenon_composition_function_at(c.handle, i, &found); err != nil {
				return err
			}
			list = append(list, newFunction(c, found))
		}
		return nil
	})
	return list, err
}

// CallText calls a function by text: `total([])`, `lib.add(1, 2)`. Returns the result in WAVE; "": there is none.
func (c *Composition) CallText(ctx context.Context, call string) (string, error) {
	var result *C.char
	defer func() { C.tenon_free(unsafe.Pointer(result)) }()
	err := c.run(ctx, func() (err *C.tenon_error) {
		cText(func(t []*C.char) { err = C.tenon_composition_call(c.handle, t[0], &result) }, call)
		return err
	})
	return C.GoString(result), err
}

// RunCommand calls `wasi:cli/run`, and returns the exit code.
func (c *Composition) RunCommand(ctx context.Context) (int, error) {
	var code C.int
	err := c.run(ctx, func() *C.tenon_error { return C.tenon_composition_run_command(c.handle, &code) })
	return int(code), err
}

// SwapOptions are choices for a swap.
type SwapOptions struct {
	MakeStale    bool // go on if handles are lost, instead of failing
	WholeDomains bool // other units of the domains may lose their state, too
	Trial        bool // check everything, and change nothing
}

// Swap replaces the component of a unit by that of a file, while the others keep running. options: can be nil.
func (c *Composition) Swap(unit, path string, options *SwapOptions) error {
	return c.with("Swap", func() (err *C.tenon_error) {
		of := options.c()
		cText(func(t []*C.char) { err = C.tenon_composition_swap(c.handle, t[0], t[1], &of) }, unit, path)
		return err
	})
}

// SwapBytes is Swap with a component in memory.
func (c *Composition) SwapBytes(unit string, bytes []byte, options *SwapOptions) error {
	return c.with("SwapBytes", func() (err *C.tenon_error) {
		of := options.c()
		cText(func(t []*C.char) {
			err = C.tenon_composition_swap_bytes(c.handle, t[0], unsafe.Pointer(unsafe.SliceData(bytes)), C.size_t(len(bytes)), &of)
		}, unit)
		return err
	})
}

func (o *SwapOptions) c() C.tenon_swap_options {
	of := C.tenon_swap_options{size: C.sizeof_tenon_swap_options}
	if o != nil {
		for flag, set := range map[*C.int]bool{&of.make_stale: o.MakeStale, &of.whole_domains: o.WholeDomains, &of.is_trial: o.Trial} {
			if set {
				*flag = 1
			}
		}
	}
	return of
}

// DropFailure returns the first failure of a destructor since it was last asked for; nil: there was none.
func (c *Composition) DropFailure() error {
	return c.with("DropFailure", func() *C.tenon_error { return C.tenon_composition_take_drop_failure(c.handle) })
}

// Unit is a unit of a composition, with functions of its own.
type Unit struct {
	composition *Composition
	handle      *C.tenon_unit
	name        string
}

// Name returns the name of the unit.
func (u *Unit) Name() string { return u.name }

// Function finds an exported function of the unit, as Composition.Function.
func (u *Unit) Function(iface, name string) (*Function, error) {
	defer runtime.KeepAlive(u)
	return u.composition.find(iface, name, func(i, n *C.char, f **C.tenon_function) *C.tenon_error {
		return C.tenon_unit_function(u.handle, i, n, f)
	})
}

// executor runs what a composition has to do while nobody waits: one thing after the other, on a goroutine that exists
// as long as there is something to do.
type executor struct {
	number    uintptr
	mutex     sync.Mutex
	work      [][2]C.uintptr_t
	isRunning bool
}

var executors sync.Map // of numbers; a thread of the library can post to one that has stopped

var lastExecutor atomic.Uintptr

func newExecutor() *executor {
	e := &executor{number: lastExecutor.Add(1)}
	executors.Store(e.number, e)
	return e
}

func (e *executor) stop() { executors.Delete(e.number) }

//export tenonGoPost
func tenonGoPost(number, run, work C.uintptr_t) {
	found, ok := executors.Load(uintptr(number))
	if !ok {
		go C.tenon_go_run(run, work)
		return
	}
	e := found.(*executor)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.work = append(e.work, [2]C.uintptr_t{run, work})
	if !e.isRunning {
		e.isRunning = true
		go e.drain()
	}
}

func (e *executor) drain() {
	for {
		e.mutex.Lock()
		work := e.work
		e.work = nil
		e.isRunning = len(work) != 0
		e.mutex.Unlock()
		if len(work) == 0 {
			return
		}
		for _, item := range work {
			C.tenon_go_run(item[0], item[1])
		}
	}
}

// Version returns the version of the library.
func Version() string { return C.GoString(C.tenon_version()) }

// The version of the C API that this package needs.
func init() {
	const major, minor = C.TENON_C_ABI_MAJOR, C.TENON_C_ABI_MINOR
	if found := uint32(C.tenon_abi_version()); found>>16 != major || found&0xffff < minor {
		panic(fmt.Sprintf("tenon: the library has version %d.%d of the C API, and this program was built for %d.%d",
			found>>16, found&0xffff, major, minor))
	}
}
