/* C values from and to `tenon_value`, by tables that describe their types. tenon/detail/c_calls.h uses it.
 *
 * A generated file of `tenon bindgen c` has a row for each type, and the functions here follow them: one
 * piece of code converts and releases values of all types.
 *
 * The form of values in C: numbers, characters (uint32_t) and booleans are themselves. A string, list or
 * map is a pointer and a length; a list of fixed length is an array. A record or tuple is a struct, and a
 * map has structs of key and value. A variant is a 32-bit enum followed by a union; an option or result has
 * a bool in place of the enum. Flags are uint32_t or uint64_t. Handles are pointers, streams numbers.
 *
 * Memory. Strings and lists of numbers are not copied: a value that was read refers to what the
 * `tenon_value` refers to. Other lists become arrays.
 */
#ifndef TENON_DETAIL_C_VALUES_H
#define TENON_DETAIL_C_VALUES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tenon/tenon_c.h"
#include "tenon/tenon_string.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Tables -------------------------------------------------------------------------------------- */

struct tenon_c_type;

/* A field, element, case or label, or a parameter of a function. */
typedef struct tenon_c_part {
  const char* label;               /* "" if it has none */
  const struct tenon_c_type* type; /* NULL: a label, or a case without payload */
  size_t offset;                   /* of its value in the struct */
} tenon_c_part;

typedef struct tenon_c_type {
  uint8_t kind;    /* TENON_U8, ...; TENON_LIST for every list */
  bool is_of_unit; /* a handle of a resource that a unit makes, and not the program */
  uint32_t length; /* of a list of fixed length; else 0 */
  size_t size;     /* of a value in C */
  size_t nparts;
  const tenon_c_part* parts; /* of a map: one, the record of its key and value */
} tenon_c_type;

/* A string, list or map. */
typedef struct tenon_c_list {
  const void* ptr;
  size_t len;
} tenon_c_list;

enum tenon_c_tag { TENON_C_TAG };
static_assert(sizeof(enum tenon_c_tag) == sizeof(uint32_t), "enums must have 32 bits");

static inline const tenon_c_type* tenon_c_element(const tenon_c_type* list) {
  return list->parts[0].type;
}

/* ---- Memory -------------------------------------------------------------------------------------- */

enum { TENON_C_VALUES_ON_STACK = 16 };

/* Where values are made. */
typedef struct tenon_c_memory {
  tenon_call* call;    /* in the memory of a call of the program; NULL: in the arena */
  tenon_arena* arena;  /* NULL: that of `spare`, or a new one, when it is needed */
  tenon_arena** spare; /* the place of an arena that is not in use; can be NULL */
  bool copies;         /* strings and lists of numbers, too */
  size_t left;         /* of `values` */
  tenon_value values[TENON_C_VALUES_ON_STACK];
} tenon_c_memory;

static inline void tenon_c_open(tenon_c_memory* memory, tenon_arena** spare) {
  memory->call = NULL;
  memory->arena = NULL;
  memory->spare = spare;
  memory->copies = false;
  memory->left = TENON_C_VALUES_ON_STACK;
}

static inline tenon_arena* tenon_c_arena(tenon_c_memory* memory) {
  if (memory->arena == NULL && memory->spare != NULL)
    memory->arena = __atomic_exchange_n(memory->spare, (tenon_arena*)NULL, __ATOMIC_ACQUIRE);
  if (memory->arena == NULL) memory->arena = tenon_arena_new();
  return memory->arena;
}

/* Keeps the arena for the next call, or deletes it. */
static inline void tenon_c_close(tenon_c_memory* memory) {
  tenon_arena* arena = memory->arena;
  if (arena != NULL && memory->spare != NULL) {
    tenon_arena_reset(arena);
    arena = __atomic_exchange_n(memory->spare, arena, __ATOMIC_ACQ_REL);
  }
  tenon_arena_delete(arena);
}

/* Zeroed; NULL if there is no memory. */
static inline void* tenon_c_alloc(tenon_c_memory* memory, size_t size) {
  if (memory->call != NULL) return tenon_host()->alloc(memory->call, size, 8);
  return tenon_arena_alloc(tenon_c_arena(memory), size, 8);
}

static inline tenon_value* tenon_c_make_values(tenon_c_memory* memory, size_t count) {
  if (count > memory->left) return (tenon_value*)tenon_c_alloc(memory, count * sizeof(tenon_value));
  memory->left -= count;
  return memory->values + memory->left;
}

/* The C API has no function that makes an error. This one is api-memory if there is no memory to make
 * it either, else api-usage. */
static inline tenon_error* tenon_c_no_memory(void) {
  return tenon_function_call(NULL, NULL, 0, NULL, NULL);
}

/* ---- From tenon_value ---------------------------------------------------------------------------- */

/* Reading returns false if there is no memory, or if the value is of another type: units can import a
 * function with other types than the program has for it. What was read before is then complete, and all
 * else zero, so that it can be released. REQUIRES: `to` is zeroed */
static inline bool tenon_c_read(const tenon_c_type* type, const tenon_value* from,
                                tenon_c_memory* memory, void* to);

static inline void tenon_c_store(uint64_t number, size_t size, void* to) {
  const uint8_t bits8 = (uint8_t)number;
  const uint16_t bits16 = (uint16_t)number;
  const uint32_t bits32 = (uint32_t)number;
  if (size == 1)
    memcpy(to, &bits8, 1);
  else if (size == 2)
    memcpy(to, &bits16, 2);
  else if (size == 4)
    memcpy(to, &bits32, 4);
  else
    memcpy(to, &number, 8);
}

static inline bool tenon_c_read_text(const tenon_value* from, tenon_c_memory* memory, void* to) {
  tenon_string text = {from->of.str.ptr, from->of.str.len};
  if (memory->copies && text.len != 0) {
    char* const copy = (char*)tenon_c_alloc(memory, text.len);
    if (copy == NULL) return false;
    memcpy(copy, text.ptr, text.len);
    text.ptr = copy;
  }
  memcpy(to, &text, sizeof(text));
  return true;
}

static inline bool tenon_c_read_fields(const tenon_c_type* type, const tenon_value* fields,
                                       tenon_c_memory* memory, char* to) {
  for (size_t i = 0; i < type->nparts; ++i)
    if (!tenon_c_read(type->parts[i].type, &fields[i], memory, to + type->parts[i].offset))
      return false;
  return true;
}

/* The elements of a list, or the entries of a map, to an array. */
static inline bool tenon_c_read_elements(const tenon_c_type* type, const tenon_value* from,
                                         size_t count, tenon_c_memory* memory, char* to) {
  const tenon_c_type* const element = tenon_c_element(type);
  if (from->kind == TENON_PACKED) {
    if (count != 0) memcpy(to, from->of.packed.ptr, count * element->size);
    return true;
  }
  for (size_t i = 0; i < count; ++i, to += element->size)
    if (from->kind == TENON_MAP
            ? !tenon_c_read_fields(element, &from->of.items.ptr[2 * i], memory, to)
            : !tenon_c_read(element, &from->of.items.ptr[i], memory, to))
      return false;
  return true;
}

static inline bool tenon_c_read_list(const tenon_c_type* type, const tenon_value* from,
                                     tenon_c_memory* memory, void* to) {
  const tenon_c_type* const element = tenon_c_element(type);
  const bool is_packed = from->kind == TENON_PACKED;
  if (is_packed && from->elem != element->kind) return false;
  const size_t count = is_packed                 ? from->of.packed.len
                       : from->kind == TENON_MAP ? from->of.items.len / 2
                                                 : from->of.items.len;
  if (type->length != 0)
    return count == type->length && tenon_c_read_elements(type, from, count, memory, (char*)to);
  tenon_c_list list = {NULL, count};
  if (is_packed && !memory->copies) {
    list.ptr = from->of.packed.ptr;
    memcpy(to, &list, sizeof(list));
    return true;
  }
  if (count == 0) return true;
  char* const elements = (char*)tenon_c_alloc(memory, count * element->size);
  if (elements == NULL) return false;
  list.ptr = elements;
  memcpy(to, &list, sizeof(list));
  return tenon_c_read_elements(type, from, count, memory, elements);
}

static inline size_t tenon_c_tag_size(const tenon_c_type* type) {
  return type->kind == TENON_OPTION || type->kind == TENON_RESULT ? sizeof(bool) : sizeof(uint32_t);
}

/* A variant, enum, option or result. */
static inline bool tenon_c_read_case(const tenon_c_type* type, const tenon_value* from,
                                     tenon_c_memory* memory, char* to) {
  const uint32_t index =
      type->kind == TENON_OPTION ? (from->of.payload != NULL ? 1 : 0) : from->index;
  if (index >= type->nparts) return false;
  tenon_c_store(index, tenon_c_tag_size(type), to);
  if (type->kind == TENON_ENUM) return true;
  const tenon_c_part* const part = &type->parts[index];
  if (part->type == NULL || from->of.payload == NULL)
    return part->type == NULL && from->of.payload == NULL;
  return tenon_c_read(part->type, from->of.payload, memory, to + part->offset);
}

/* A handle that a function of the program gets ends with the call. */
static inline bool tenon_c_read_handle(const tenon_c_type* type, const tenon_value* from,
                                       const tenon_c_memory* memory, void* to) {
  void* handle = from->of.rep;
  if (type->kind == TENON_OWN && type->is_of_unit && memory->call == NULL)
    handle = tenon_resource_keep((const tenon_resource*)handle);
  memcpy(to, &handle, sizeof(handle));
  return handle != NULL;
}

static inline bool tenon_c_read(const tenon_c_type* type, const tenon_value* from,
                                tenon_c_memory* memory, void* to) {
  if (from->kind != type->kind && !(type->kind == TENON_LIST && from->kind == TENON_PACKED))
    return false;
  switch (type->kind) {
    case TENON_F32:
      memcpy(to, &from->of.f32, sizeof(float));
      return true;
    case TENON_STRING:
      return tenon_c_read_text(from, memory, to);
    case TENON_LIST:
    case TENON_MAP:
      return tenon_c_read_list(type, from, memory, to);
    case TENON_RECORD:
    case TENON_TUPLE:
      return from->of.items.len == type->nparts &&
             tenon_c_read_fields(type, from->of.items.ptr, memory, (char*)to);
    case TENON_VARIANT:
    case TENON_ENUM:
    case TENON_OPTION:
    case TENON_RESULT:
      return tenon_c_read_case(type, from, memory, (char*)to);
    case TENON_FLAGS:
      if (type->nparts < 64 && from->of.u >> type->nparts != 0) return false;
      break;
    case TENON_OWN:
    case TENON_BORROW:
      return tenon_c_read_handle(type, from, memory, to);
    default:
      break; /* numbers, booleans, characters, streams */
  }
  tenon_c_store(from->of.u, type->size, to);
  return true;
}

/* ---- To tenon_value ------------------------------------------------------------------------------ */

/* Writing returns false if there is no memory. Values that a type does not have, such as a case with an
 * unknown number, are written as they are, and the library reports them. */
static inline bool tenon_c_write(const tenon_c_type* type, const void* from, tenon_c_memory* memory,
                                 tenon_value* to);

static inline uint64_t tenon_c_load(const tenon_c_type* type, const void* from) {
  uint8_t bits8 = 0;
  uint16_t bits16 = 0;
  uint32_t bits32 = 0;
  uint64_t bits64 = 0;
  switch (type->size) {
    case 1:
      memcpy(&bits8, from, 1);
      return type->kind == TENON_S8 ? (uint64_t)(int64_t)(int8_t)bits8 : bits8;
    case 2:
      memcpy(&bits16, from, 2);
      return type->kind == TENON_S16 ? (uint64_t)(int64_t)(int16_t)bits16 : bits16;
    case 4:
      memcpy(&bits32, from, 4);
      return type->kind == TENON_S32 ? (uint64_t)(int64_t)(int32_t)bits32 : bits32;
    default:
      memcpy(&bits64, from, 8);
      return bits64;
  }
}

static inline bool tenon_c_write_fields(const tenon_c_part* parts, size_t count, const char* from,
                                        tenon_c_memory* memory, tenon_value* to) {
  for (size_t i = 0; i < count; ++i)
    if (!tenon_c_write(parts[i].type, from + parts[i].offset, memory, &to[i])) return false;
  return true;
}

static inline bool tenon_c_write_list(const tenon_c_type* type, const void* from,
                                      tenon_c_memory* memory, tenon_value* to) {
  const tenon_c_type* const element = tenon_c_element(type);
  tenon_c_list list = {from, type->length};
  if (type->length == 0) {
    memcpy(&list, from, sizeof(list));
  } else if (memory->call != NULL && element->kind <= TENON_CHAR) {
    /* The library reads it when the struct of the result has ended. */
    void* const copy = tenon_c_alloc(memory, type->size);
    if (copy == NULL) return false;
    memcpy(copy, from, type->size);
    list.ptr = copy;
  }
  if (element->kind <= TENON_CHAR) {
    *to = tenon_value_packed(element->kind, list.ptr, list.len);
    return true;
  }
  const size_t each = type->kind == TENON_MAP ? 2 : 1;
  tenon_value* const items = tenon_c_make_values(memory, list.len * each);
  if (items == NULL) return false;
  *to = tenon_value_items(type->kind, items, list.len * each);
  const char* at = (const char*)list.ptr;
  for (size_t i = 0; i < list.len; ++i, at += element->size)
    if (each == 2 ? !tenon_c_write_fields(element->parts, 2, at, memory, &items[2 * i])
                  : !tenon_c_write(element, at, memory, &items[i]))
      return false;
  return true;
}

/* The number of the case of a variant, enum, option or result. */
static inline uint32_t tenon_c_case(const tenon_c_type* type, const void* from) {
  bool tag = false;
  uint32_t index = 0;
  if (tenon_c_tag_size(type) != sizeof(tag)) {
    memcpy(&index, from, sizeof(index));
    return index;
  }
  memcpy(&tag, from, sizeof(tag));
  return tag ? 1 : 0;
}

static inline bool tenon_c_write_case(const tenon_c_type* type, const char* from,
                                      tenon_c_memory* memory, tenon_value* to) {
  const uint32_t index = tenon_c_case(type, from);
  *to = tenon_value_case(type->kind, index, NULL);
  if (index >= type->nparts || type->parts[index].type == NULL) return true;
  to->of.payload = tenon_c_make_values(memory, 1);
  return to->of.payload != NULL &&
         tenon_c_write(type->parts[index].type, from + type->parts[index].offset, memory,
                       to->of.payload);
}

static inline bool tenon_c_write(const tenon_c_type* type, const void* from, tenon_c_memory* memory,
                                 tenon_value* to) {
  tenon_string text;
  *to = tenon_value_make(type->kind);
  switch (type->kind) {
    case TENON_F32:
      memcpy(&to->of.f32, from, sizeof(float));
      return true;
    case TENON_STRING:
      memcpy(&text, from, sizeof(text));
      *to = tenon_value_string(text.ptr, text.len);
      return true;
    case TENON_LIST:
    case TENON_MAP:
      return tenon_c_write_list(type, from, memory, to);
    case TENON_RECORD:
    case TENON_TUPLE:
      *to = tenon_value_items(type->kind, tenon_c_make_values(memory, type->nparts), type->nparts);
      return to->of.items.ptr != NULL &&
             tenon_c_write_fields(type->parts, type->nparts, (const char*)from, memory,
                                  to->of.items.ptr);
    case TENON_VARIANT:
    case TENON_ENUM:
    case TENON_OPTION:
    case TENON_RESULT:
      return tenon_c_write_case(type, (const char*)from, memory, to);
    case TENON_OWN:
    case TENON_BORROW:
      memcpy(&to->of.rep, from, sizeof(void*));
      return true;
    default:
      to->of.u = tenon_c_load(type, from); /* numbers, booleans, characters, flags, streams */
      return true;
  }
}

/* Deletes the `own` handles of units in a value. */
static inline void tenon_c_release(const tenon_c_type* type, const void* from) {
  const char* at = (const char*)from;
  if (type->kind == TENON_OWN && type->is_of_unit) {
    tenon_resource* handle = NULL;
    memcpy(&handle, from, sizeof(handle));
    tenon_resource_delete(handle);
  } else if (type->kind == TENON_LIST || type->kind == TENON_MAP) {
    const tenon_c_type* const element = tenon_c_element(type);
    if (element->nparts == 0 && element->kind != TENON_OWN) return;
    tenon_c_list list = {from, type->length};
    if (type->length == 0) memcpy(&list, from, sizeof(list));
    at = (const char*)list.ptr;
    for (size_t i = 0; i < list.len; ++i, at += element->size) tenon_c_release(element, at);
  } else if (type->kind == TENON_RECORD || type->kind == TENON_TUPLE) {
    for (size_t i = 0; i < type->nparts; ++i)
      tenon_c_release(type->parts[i].type, at + type->parts[i].offset);
  } else if (type->kind == TENON_VARIANT || type->kind == TENON_OPTION ||
             type->kind == TENON_RESULT) {
    const uint32_t index = tenon_c_case(type, from);
    if (index < type->nparts && type->parts[index].type != NULL)
      tenon_c_release(type->parts[index].type, at + type->parts[index].offset);
  }
}

/* Reads a whole value, or nothing. */
static inline bool tenon_c_take(const tenon_c_type* type, const tenon_value* from,
                                tenon_c_memory* memory, void* to) {
  memset(to, 0, type->size);
  if (tenon_c_read(type, from, memory, to)) return true;
  tenon_c_release(type, to);
  memset(to, 0, type->size);
  return false;
}

#ifdef __cplusplus
}
#endif
#endif
