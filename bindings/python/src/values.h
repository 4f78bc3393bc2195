/* Types, and the conversion of values between Python and the C API.
 *
 * Python decides what a type looks like (tenon/_types.py), once for each type. A Type holds what the conversions need of
 * that, so that a call compares no text.
 */
#ifndef TENON_PY_VALUES_H
#define TENON_PY_VALUES_H

#include "tenon_py.h"

typedef struct Type {
  PyObject_HEAD uint8_t kind; /* TENON_BOOL, ... */
  uint8_t is_wrapped;         /* an option whose payload is an option: `some` is a Some */
  uint8_t has_handles;        /* of resources or streams */
  uint32_t length;            /* of a list; 0: any */
  Py_ssize_t count;           /* of parts */
  struct Type** parts;        /* NULL: no payload */
  PyObject** names;           /* of fields, in Python */
  Py_ssize_t* offsets;        /* of fields, in objects of `cls`; NULL: they are read by name */
  PyObject**
      cases; /* of a variant: a class, or an object if there is no payload; of an enum: members */
  PyObject* cls;        /* of a record, flags, resource, stream or future; Some, (Ok, Err) */
  PyObject* index;      /* dict: what names a case to its number; a label of flags to its bits */
  PyObject* made;       /* dict: flags by their bits */
  PyObject* wit;        /* str */
  PyObject* references; /* what the pointers are into */
} Type;

extern PyTypeObject* TypeType;

/* The objects of Python that a call is passed, until it is known whether it took them. */
typedef struct Passed {
  PyObject* lent;    /* list of Resources */
  PyObject* reps;    /* list of objects of the program */
  PyObject* streams; /* list of streams, with their numbers */
} Passed;

/* The memory of the values of one call. */
typedef struct Scratch {
  tenon_call* call;      /* not NULL: memory is that of `alloc`, and refers to nothing of Python */
  PyObject* composition; /* of handles and streams that are made; borrowed */
  char* at;
  size_t left;
  struct Block* blocks;
  struct Held* held;
  Passed passed;
  PyObject* borrowed; /* list of Resources that end with the call */
  PyObject* problem;  /* str: what is wrong with a value */
  PyObject* problem_type;
  PyObject* path; /* str: the part of the value that is wrong */
  char first[1024] __attribute__((aligned(8)));
} Scratch;

void scratch_begin(Scratch* scratch, tenon_call* call, PyObject* composition);
/* Frees the memory, and settles what was passed. */
void scratch_end(Scratch* scratch, int is_taken);
/* Ends what the call had of Python. is_taken: it took its arguments. An exception that is set does not reach functions
 * that run meanwhile. */
void passed_settle(Passed* passed, int is_taken);
/* Ends a list of Resources with their call. */
void end_borrowed(PyObject* resources);
/* NULL with an exception. */
void* scratch_alloc(Scratch* scratch, size_t size);
tenon_value* scratch_values(Scratch* scratch, size_t count);
int scratch_hold(Scratch* scratch, PyObject* object);
Py_buffer* scratch_view(Scratch* scratch, PyObject* object);
int scratch_note(PyObject** list, PyObject* object);

/* A problem with a value; -1. `refuse_at` takes the reference to `part`. */
int refuse(Scratch* scratch, PyObject* type, const char* format, ...);
int refuse_kind(Scratch* scratch, const Type* type, PyObject* object);
int refuse_at(Scratch* scratch, PyObject* part);
/* Sets the exception for a problem, unless another is set. */
void scratch_raise(Scratch* scratch, PyObject* function, PyObject* argument);

/* Return -1 with a problem or an exception. */
int to_value(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value);
int to_items(Scratch* scratch, const Type* item, PyObject* objects, tenon_value* value);
int to_flat(Scratch* scratch, const Type* type, PyObject* object, uint64_t* flat);

/* Return NULL with an exception. */
PyObject* from_value(Scratch* scratch, const Type* type, const tenon_value* value);
PyObject* from_items(Scratch* scratch, const Type* item, const tenon_value* value);
PyObject* from_flat(const Type* type, uint64_t flat);

/* Whether a value is one number in the flat form. */
static inline int is_scalar(const Type* type) {
  return type->kind <= TENON_CHAR || type->kind == TENON_ENUM ||
         (type->kind == TENON_FLAGS && type->count <= 32);
}

#endif
