/* The extension module behind the package `tenon`, over the C API.
 *
 * The module is used by one interpreter, so its state is static, and the GIL guards it. The GIL is released while a guest
 * can run, and taken in callbacks.
 */
#ifndef TENON_PY_H
#define TENON_PY_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <structmember.h>
#include <tenon/tenon_c.h>

struct Scratch;
struct Type;

/* ---- module.c ---- */

/* A function of the package that the module calls, by its name in the hooks; a borrowed reference. */
PyObject* hook(const char* name);
/* Whether the interpreter ends: callbacks do not enter it any more. */
extern int is_ending;
/* A heap type that is added to the module. */
PyTypeObject* add_type(PyObject* module, PyType_Spec* spec);
/* For tp_new of types that only this module makes. */
PyObject* object_alloc(PyTypeObject* type);
void object_free(PyObject* self);
/* Puts a reference, which it takes, into a place. */
static inline void set_reference(PyObject** place, PyObject* object) {
  PyObject* const before = *place;
  *place = object;
  Py_XDECREF(before);
}

/* What a thread does, for callbacks on it and for others that ask. Never freed: others can look at it. */
typedef struct ThreadState {
  int waits;       /* calls that wait for a guest */
  PyObject* cause; /* what a function of the program raised last */
} ThreadState;
extern __thread ThreadState* current_thread __attribute__((tls_model("initial-exec")));
ThreadState* make_thread_state(void);
static inline ThreadState* thread_state(void) {
  return current_thread != NULL ? current_thread : make_thread_state();
}

/* ---- errors.c ---- */

/* Sets the exception of an error, which it deletes. Returns NULL. */
PyObject* raise_error(tenon_error* error);
/* The same as an object, without setting it. */
PyObject* make_exception(tenon_error* error);
/* The exception that is set, which is not set any more. */
PyObject* take_exception(void);

/* ---- composition.c ---- */

typedef struct Composition {
  PyObject_HEAD tenon_composition* composition; /* NULL: closed */
  Py_ssize_t in_use;                            /* calls in progress */
  struct Executor* executor;
} Composition;

extern PyTypeObject* CompositionType;
int add_composition(PyObject* module);
PyObject* composition_new(tenon_composition* composition, struct Executor* executor);
/* Between these, the composition is not deleted. NULL with an exception: it is closed. */
tenon_composition* refuse_closed(void);
static inline tenon_composition* composition_enter(PyObject* composition) {
  Composition* const of = (Composition*)composition;
  if (of->composition == NULL) return refuse_closed();
  ++of->in_use;
  return of->composition;
}
static inline void composition_leave(PyObject* composition) {
  --((Composition*)composition)->in_use;
}

/* Work of a composition, for an event loop. */
typedef struct Executor Executor;
Executor* executor_new(void);
void executor_post(void* user, void (*run)(void* work), void* work);
void executor_release(Executor* executor);

/* ---- function.c ---- */

int add_function(PyObject* module);
PyObject* function_new(tenon_function* function, PyObject* composition);
/* (interface, name, wit, is_async, [(name, type)], result) */
PyObject* describe_function(const tenon_function* function);

/* ---- builder.c ---- */

int add_builder(PyObject* module);

/* ---- resource.c ---- */

int add_resource(PyObject* module);
/* A Resource for a handle. is_own: it is kept; otherwise it ends with the call. */
PyObject* resource_wrap(struct Scratch* scratch, PyObject* cls, tenon_resource* handle, int is_own);
void resource_end(PyObject* resource);
/* An argument that was lent to a call; is_passed: the call took those that it owns. */
void resource_give_back(PyObject* resource, int is_passed);
int to_handle(struct Scratch* scratch, const struct Type* type, PyObject* object,
              tenon_value* value);
PyObject* from_handle(struct Scratch* scratch, const struct Type* type, const tenon_value* value);
/* An object of the program that a call was given or lent. */
void rep_settle(PyObject* note, int is_passed);
/* Called once a guest has dropped an object of the program. */
void rep_drop(void* user, void* rep);

/* ---- host.c ---- */

int add_host(PyObject* module);
extern PyTypeObject* HostFunctionType;
int32_t host_call(void* user, tenon_call* call, const tenon_value* args, size_t nargs,
                  tenon_value* result);
/* Drops a reference that a callback had. */
void drop_object(void* user);

/* ---- stream.c ---- */

int to_stream(struct Scratch* scratch, const struct Type* type, PyObject* object,
              tenon_value* value);
PyObject* from_stream(struct Scratch* scratch, const struct Type* type, const tenon_value* value);
/* An argument of a call that did not take it: a stream is closed that was made for it. */
void stream_give_back(PyObject* note);
int add_stream(PyObject* module);

#endif
