/* What source files of `tenon bindgen c` have in common: the look-up of functions, calls of them with C
 * values, and functions of the program.
 *
 * A generated file has a row for each function, and its own functions only collect the addresses of
 * arguments.
 *
 * Memory. The `tenon_value`s of a call are made on the stack, then in an arena that is kept for the next
 * call. A result refers to the memory into which the call put it, which is in the arena of the caller. But
 * handles of units in it belong to the program at once, so that deleting one drops its resource, and not the
 * end of an arena: the memory of such a result ends with the call, and its text is copied.
 */
#ifndef TENON_DETAIL_C_CALLS_H
#define TENON_DETAIL_C_CALLS_H

#include <stdio.h>
#include <stdlib.h>

#include "tenon/detail/c_values.h"

/* Generated files name the version that they were made for. */
#define TENON_C_CALLS_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TENON_C_IN_ARENA = 1 << 0,  /* the result has strings or lists, and its function an arena */
  TENON_C_HAS_PARTS = 1 << 1, /* the result is not a single number */
  TENON_C_GETS_OWN = 1 << 2,  /* there are `own` handles of units in the result */
  TENON_C_GIVES_OWN = 1 << 3  /* and in the parameters */
};

typedef struct tenon_c_function {
  const char* interface_name; /* "acme:shop/cart@1.0.0" */
  const char* name;           /* "total", "[method]item.price" */
  const tenon_c_part* params;
  size_t nparams;
  const tenon_c_type* result; /* NULL: none */
  unsigned flags;             /* TENON_C_IN_ARENA, ... */
} tenon_c_function;

/* ---- Look-up ------------------------------------------------------------------------------------- */

/* What a generated `NAME_find` returns. */
typedef struct tenon_c_found {
  const tenon_c_function* forms;
  tenon_function** functions; /* one for each form */
  tenon_arena* spare;         /* that no call uses; NULL: none */
} tenon_c_found;

/* Text that is cut if it is too long. */
typedef struct tenon_c_text {
  size_t used;
  char text[1000];
} tenon_c_text;

static inline void tenon_c_append(tenon_c_text* to, const char* text) {
  const size_t most = sizeof(to->text) - 1 - to->used;
  const size_t size = strlen(text);
  memcpy(to->text + to->used, text, size < most ? size : most);
  to->used += size < most ? size : most;
  to->text[to->used] = '\0';
}

/* A place in the types of a function: "$.items[].price", "$result.ok". */
typedef struct tenon_c_place {
  const struct tenon_c_place* outer; /* NULL: `label` is all */
  uint8_t kind;                      /* of the type that it is a part of */
  const char* label;
  size_t index;
} tenon_c_place;

static inline void tenon_c_append_place(tenon_c_text* to, const tenon_c_place* place) {
  char number[24];
  if (place->outer != NULL) tenon_c_append_place(to, place->outer);
  if (place->kind == TENON_LIST) {
    tenon_c_append(to, "[]");
  } else if (place->kind == TENON_TUPLE) {
    snprintf(number, sizeof(number), ".%zu", place->index);
    tenon_c_append(to, number);
  } else {
    tenon_c_append(to, place->outer != NULL ? "." : "");
    tenon_c_append(to, place->label);
  }
}

/* A comparison of a function with its form. */
typedef struct tenon_c_check {
  const tenon_c_function* form;
  void (*report)(void* user, const char* text);
  void* user;
  bool is_same;
} tenon_c_check;

static inline void tenon_c_differ(tenon_c_check* check, const tenon_c_place* place,
                                  const char* expected, const char* found) {
  const char* const parts[] = {"`: expected ", expected, ", found ", found, "\n"};
  tenon_c_text text;
  text.used = 0;
  tenon_c_append(&text, "error[type-signature]: `");
  tenon_c_append(&text, check->form->interface_name);
  tenon_c_append(&text, check->form->interface_name[0] != '\0' ? "#" : "");
  tenon_c_append(&text, check->form->name);
  tenon_c_append(&text, "` at `");
  tenon_c_append_place(&text, place);
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); ++i) tenon_c_append(&text, parts[i]);
  check->is_same = false;
  if (check->report != NULL) check->report(check->user, text.text);
}

static inline void tenon_c_differ_in_count(tenon_c_check* check, const tenon_c_place* place,
                                           const char* what, size_t expected, size_t found) {
  char numbers[2][40];
  snprintf(numbers[0], sizeof(numbers[0]), "%zu %s", expected, what);
  snprintf(numbers[1], sizeof(numbers[1]), "%zu", found);
  tenon_c_differ(check, place, numbers[0], numbers[1]);
}

static inline const char* tenon_c_kind_name(uint8_t kind) {
  static const char* const names[] = {
      "",     "bool",   "s8",     "u8",     "s16",  "u16",    "s32",    "u32",   "s64", "u64",
      "f32",  "f64",    "char",   "string", "list", "list",   "record", "tuple", "map", "variant",
      "enum", "option", "result", "flags",  "own",  "borrow", "stream", "future"};
  return names[kind];
}

static inline void tenon_c_compare(tenon_c_check* check, const tenon_c_place* place,
                                   const tenon_c_type* type, const tenon_type* found) {
  const tenon_c_type* const whole = type->kind == TENON_MAP ? tenon_c_element(type) : type;
  if (tenon_type_kind(found) != type->kind) {
    tenon_c_differ(check, place, tenon_c_kind_name(type->kind), tenon_type_wit(found));
  } else if (tenon_type_length(found) != type->length) {
    tenon_c_differ_in_count(check, place, "elements", type->length, tenon_type_length(found));
  } else if (tenon_type_part_count(found) != whole->nparts) {
    tenon_c_differ_in_count(check, place, "parts", whole->nparts, tenon_type_part_count(found));
  } else {
    for (size_t i = 0; i < whole->nparts; ++i) {
      const tenon_c_part* const part = &whole->parts[i];
      const tenon_c_place at = {place, type->kind, part->label, i};
      const tenon_type* const found_part = tenon_type_part(found, i);
      const char* const label = tenon_type_part_label(found, i);
      if (label != NULL && strcmp(label, part->label) != 0)
        tenon_c_differ(check, &at, part->label, label);
      else if (part->type != NULL && found_part != NULL)
        tenon_c_compare(check, &at, part->type, found_part);
      else if (part->type != NULL || found_part != NULL)
        tenon_c_differ(check, &at, part->type != NULL ? "a payload" : "no payload",
                       found_part != NULL ? tenon_type_wit(found_part) : "none");
    }
  }
}

static inline void tenon_c_compare_function(tenon_c_check* check, const tenon_function* found) {
  const tenon_c_function* const form = check->form;
  const tenon_c_place params = {NULL, TENON_RECORD, "$", 0};
  const tenon_c_place result = {NULL, TENON_RECORD, "$result", 0};
  const tenon_type* const type = tenon_function_result_type(found);
  const size_t count = tenon_function_param_count(found);
  if (count != form->nparams)
    tenon_c_differ_in_count(check, &params, "parameters", form->nparams, count);
  for (size_t i = 0; i < form->nparams && i < count; ++i) {
    const tenon_c_place at = {&params, TENON_RECORD, form->params[i].label, i};
    tenon_c_compare(check, &at, form->params[i].type, tenon_function_param_type(found, i));
  }
  if (form->result != NULL && type != NULL)
    tenon_c_compare(check, &result, form->result, type);
  else if (form->result != NULL || type != NULL)
    tenon_c_differ(check, &result, form->result != NULL ? "a result" : "no result",
                   type != NULL ? tenon_type_wit(type) : "none");
}

/* One of `from_composition` and `from_unit` is NULL. */
static inline bool tenon_c_find_function(tenon_composition* from_composition, tenon_unit* from_unit,
                                         tenon_c_check* check, tenon_function** function) {
  const tenon_c_function* const form = check->form;
  tenon_error* const error =
      from_unit != NULL ? tenon_unit_function(from_unit, form->interface_name, form->name, function)
                        : tenon_composition_function(from_composition, form->interface_name,
                                                     form->name, function);
  if (error == NULL) {
    tenon_c_compare_function(check, *function);
    return check->is_same;
  }
  if (check->report != NULL) check->report(check->user, tenon_error_text(error));
  tenon_error_delete(error);
  return false;
}

/* No call may be in progress. */
static inline void tenon_c_found_delete(tenon_c_found* self, size_t count) {
  if (self == NULL) return;
  for (size_t i = 0; i < count; ++i) tenon_function_delete(self->functions[i]);
  tenon_arena_delete(self->spare);
  free(self);
}

static inline tenon_c_found* tenon_c_find(tenon_composition* from_composition,
                                          tenon_unit* from_unit, const tenon_c_function* forms,
                                          size_t count,
                                          void (*report)(void* user, const char* text),
                                          void* user) {
  tenon_c_found* const self =
      (tenon_c_found*)calloc(1, sizeof(tenon_c_found) + count * sizeof(tenon_function*));
  if (self == NULL) {
    if (report != NULL) report(user, "error[api-memory]: there is not enough memory\n");
    return NULL;
  }
  self->forms = forms;
  self->functions = (tenon_function**)(self + 1);
  bool is_complete = true;
  for (size_t i = 0; i < count; ++i) {
    tenon_c_check check = {&forms[i], report, user, true};
    if (!tenon_c_find_function(from_composition, from_unit, &check, &self->functions[i]))
      is_complete = false;
  }
  if (is_complete) return self;
  tenon_c_found_delete(self, count);
  return NULL;
}

/* ---- Calls of units ------------------------------------------------------------------------------ */

/* NULL makes every call the error api-usage. */
static inline tenon_function* tenon_c_function_at(const tenon_c_found* self, size_t index) {
  return self != NULL ? self->functions[index] : NULL;
}

static inline uint64_t tenon_c_bits_of_f32(float number) {
  uint32_t bits = 0;
  memcpy(&bits, &number, sizeof(bits));
  return bits;
}
static inline uint64_t tenon_c_bits_of_f64(double number) {
  uint64_t bits = 0;
  memcpy(&bits, &number, sizeof(bits));
  return bits;
}
static inline float tenon_c_f32_of_bits(uint64_t bits) {
  const uint32_t low = (uint32_t)bits;
  float number = 0;
  memcpy(&number, &low, sizeof(number));
  return number;
}
static inline double tenon_c_f64_of_bits(uint64_t bits) {
  double number = 0;
  memcpy(&number, &bits, sizeof(number));
  return number;
}

/* args: the address of each. NULL if there is no memory, or an address is NULL. */
static inline tenon_value* tenon_c_write_args(const tenon_c_function* form, const void* const* args,
                                              tenon_c_memory* memory) {
  tenon_value* const values = tenon_c_make_values(memory, form->nparams);
  if (values == NULL) return NULL;
  for (size_t i = 0; i < form->nparams; ++i)
    if (args[i] == NULL || !tenon_c_write(form->params[i].type, args[i], memory, &values[i]))
      return NULL;
  return values;
}

/* `own` handles are used up, whether the call reaches the unit or not. */
static inline void tenon_c_release_args(const tenon_c_function* form, const void* const* args) {
  if ((form->flags & TENON_C_GIVES_OWN) == 0) return;
  for (size_t i = 0; i < form->nparams; ++i)
    if (args[i] != NULL) tenon_c_release(form->params[i].type, args[i]);
}

/* result: can be NULL. The library reports arguments, or an arena, that are NULL. */
static inline tenon_error* tenon_c_call(tenon_c_found* self, size_t index, const void* const* args,
                                        tenon_arena* arena, void* result) {
  if (self == NULL) return tenon_function_call(NULL, NULL, 0, NULL, NULL);
  const tenon_c_function* const form = &self->forms[index];
  const bool copies = (form->flags & TENON_C_GETS_OWN) != 0;
  const bool is_in_arena = (form->flags & TENON_C_IN_ARENA) != 0;
  tenon_c_memory memory;
  tenon_c_open(&memory, &self->spare);
  const tenon_value* const values = tenon_c_write_args(form, args, &memory);
  tenon_arena* lies_in = NULL;
  if (is_in_arena && (!copies || arena == NULL))
    lies_in = arena;
  else if ((form->flags & TENON_C_HAS_PARTS) != 0)
    lies_in = tenon_c_arena(&memory);
  tenon_value returned;
  tenon_error* error = tenon_function_call(self->functions[index], values, form->nparams, lies_in,
                                           result != NULL ? &returned : NULL);
  tenon_c_release_args(form, args);
  if (result != NULL && error != NULL) {
    memset(result, 0, form->result->size);
  } else if (result != NULL) {
    tenon_c_memory to;
    tenon_c_open(&to, NULL);
    to.arena = arena;
    to.copies = copies;
    if (!tenon_c_take(form->result, &returned, is_in_arena ? &to : &memory, result))
      error = tenon_c_no_memory();
  }
  tenon_c_close(&memory);
  return error;
}

/* A call that was started. done: of the type that the function has for it. */
typedef struct tenon_c_started {
  const tenon_c_function* form;
  void (*done)(void);
  void* user;
} tenon_c_started;

/* ended: calls `done`, by tenon_c_end. done: can be NULL. */
static inline tenon_error* tenon_c_start(tenon_c_found* self, size_t index, const void* const* args,
                                         tenon_call_done ended, void (*done)(void), void* user,
                                         tenon_task** task) {
  if (task != NULL) *task = NULL;
  if (self == NULL) return tenon_function_start(NULL, NULL, 0, NULL, NULL, task);
  const tenon_c_function* const form = &self->forms[index];
  const tenon_c_started call = {form, done, user};
  tenon_c_started* const started =
      done != NULL ? (tenon_c_started*)malloc(sizeof(tenon_c_started)) : NULL;
  if (started != NULL) *started = call;
  tenon_error* error = NULL;
  tenon_c_memory memory;
  tenon_c_open(&memory, &self->spare);
  if (started == NULL && done != NULL)
    error = tenon_c_no_memory();
  else
    error = tenon_function_start(self->functions[index], tenon_c_write_args(form, args, &memory),
                                 form->nparams, done != NULL ? ended : NULL, started, task);
  if (error != NULL) free(started);
  tenon_c_release_args(form, args);
  tenon_c_close(&memory);
  return error;
}

/* Takes what tenon_c_start passed as the context of a call. result: gets the result; NULL if there is
 * none. Returns the error of the call, or of reading its result. */
static inline tenon_error* tenon_c_end(void* context, tenon_error* error, const tenon_value* value,
                                       tenon_c_started* started, tenon_c_memory* memory,
                                       void* result) {
  *started = *(tenon_c_started*)context;
  free(context);
  tenon_c_open(memory, NULL);
  if (error == NULL && result != NULL &&
      !tenon_c_take(started->form->result, value, memory, result))
    return tenon_c_no_memory();
  return error;
}

/* ---- Functions of the program -------------------------------------------------------------------- */

/* The functions of one interface; the first member of a generated struct. */
typedef struct tenon_c_provided {
  size_t users; /* functions and resources that have been added, and `provide` itself */
  void* user;
  void (*drop)(void* user);
} tenon_c_provided;

static inline void tenon_c_unprovide(void* provided) {
  tenon_c_provided* const self = (tenon_c_provided*)provided;
  if (__atomic_sub_fetch(&self->users, 1, __ATOMIC_ACQ_REL) != 0) return;
  if (self->drop != NULL) self->drop(self->user);
  free(self);
}

/* size: of the struct. NULL if there is no memory: the next plan fails. */
static inline tenon_c_provided* tenon_c_provide(tenon_builder* builder, size_t size, void* user,
                                                void (*drop)(void* user)) {
  tenon_c_provided* const self = (tenon_c_provided*)calloc(1, size);
  if (self == NULL) {
    tenon_builder_add_function(builder, NULL, NULL, NULL, user, drop);
    return NULL;
  }
  self->users = 1;
  self->user = user;
  self->drop = drop;
  return self;
}

static inline void* tenon_c_share(tenon_c_provided* self) {
  __atomic_fetch_add(&self->users, 1, __ATOMIC_RELAXED);
  return self;
}

/* fn: NULL: it is left out. */
static inline void tenon_c_add(tenon_builder* builder, const tenon_c_function* form, tenon_fn fn,
                               tenon_c_provided* self) {
  if (fn != NULL)
    tenon_builder_add_function(builder, form->interface_name, form->name, fn, tenon_c_share(self),
                               tenon_c_unprovide);
}
/* The same for a function that defers its calls. */
static inline void tenon_c_add_deferred(tenon_builder* builder, const tenon_c_function* form,
                                        tenon_fn fn, tenon_c_provided* self) {
  if (fn != NULL)
    tenon_builder_add_async_function(builder, form->interface_name, form->name, fn,
                                     tenon_c_share(self), tenon_c_unprovide);
}

static inline void tenon_c_open_call(tenon_c_memory* memory, tenon_call* call) {
  tenon_c_open(memory, NULL);
  memory->call = call;
  memory->left = 0; /* values on the stack would end before the library reads them */
}

/* Reads the arguments of a call to the addresses in `to`. Returns 0, or nonzero for a trap. */
static inline int32_t tenon_c_read_args(const tenon_c_function* form, tenon_call* call,
                                        const tenon_value* args, size_t nargs, void* const* to) {
  tenon_c_memory memory;
  tenon_c_open_call(&memory, call);
  size_t count = 0;
  while (count < form->nparams && nargs == form->nparams &&
         tenon_c_take(form->params[count].type, &args[count], &memory, to[count]))
    ++count;
  if (count == form->nparams && nargs == form->nparams) return 0;
  return tenon_host()->trap(call, "its types differ from those that the program was made for");
}

/* Passes the result of a function of the program. */
static inline int32_t tenon_c_return(const tenon_c_function* form, tenon_call* call,
                                     const void* result, tenon_value* to) {
  tenon_c_memory memory;
  tenon_c_open_call(&memory, call);
  if (tenon_c_write(form->result, result, &memory, to)) return 0;
  return tenon_host()->trap(call, "out of memory");
}

/* Ends a deferred call. result: NULL if there is none. Returns as `complete` of tenon_host(). */
static inline int32_t tenon_c_complete(const tenon_c_function* form, tenon_completion completion,
                                       const void* result) {
  tenon_value value;
  tenon_c_memory memory;
  if (form->result == NULL) return tenon_host()->complete(completion, NULL);
  tenon_c_open(&memory, NULL);
  const int32_t ended = tenon_c_write(form->result, result, &memory, &value)
                            ? tenon_host()->complete(completion, &value)
                            : tenon_host()->fail(completion, "out of memory");
  tenon_c_close(&memory);
  return ended;
}

#ifdef __cplusplus
}
#endif
#endif
