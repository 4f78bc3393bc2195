/* From Python to values. */
#include <math.h>
#include <string.h>

#include "values.h"

static const struct {
  int64_t least;
  uint64_t most;
} RANGES[] = {[TENON_S8] = {INT8_MIN, INT8_MAX},    [TENON_U8] = {0, UINT8_MAX},
              [TENON_S16] = {INT16_MIN, INT16_MAX}, [TENON_U16] = {0, UINT16_MAX},
              [TENON_S32] = {INT32_MIN, INT32_MAX}, [TENON_U32] = {0, UINT32_MAX},
              [TENON_S64] = {INT64_MIN, INT64_MAX}, [TENON_U64] = {0, UINT64_MAX}};

static int refuse_range(Scratch* scratch, const Type* type, PyObject* object) {
  PyErr_Clear();
  const uint8_t kind = type->kind;
  return refuse(scratch, PyExc_OverflowError, "%R is out of range of `%U` (%lld to %llu)", object,
                type->wit, (long long)RANGES[kind].least, (unsigned long long)RANGES[kind].most);
}

/* The 64 bits of an integer in the range of its kind. */
static int to_integer(Scratch* scratch, const Type* type, PyObject* object, uint64_t* bits) {
  if (Py_TYPE(object) != &PyLong_Type && !PyLong_Check(object)) {
    PyObject* const number = PyNumber_Index(object);
    if (number == NULL) {
      if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
      PyErr_Clear();
      return refuse_kind(scratch, type, object);
    }
    const int converted = to_integer(scratch, type, number, bits);
    Py_DECREF(number);
    return converted;
  }
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
  *bits = (uint64_t)number;
  if (overflow == 0) {
    const int is_in = number >= RANGES[type->kind].least &&
                      (number < 0 || (uint64_t)number <= RANGES[type->kind].most);
    return is_in ? 0 : refuse_range(scratch, type, object);
  }
  if (type->kind != TENON_U64 || overflow < 0) return refuse_range(scratch, type, object);
  *bits = PyLong_AsUnsignedLongLong(object);
  return *bits == UINT64_MAX && PyErr_Occurred() ? refuse_range(scratch, type, object) : 0;
}

static int to_float(Scratch* scratch, const Type* type, PyObject* object, double* number) {
  *number = PyFloat_AsDouble(object);
  if (*number != -1.0 || !PyErr_Occurred()) return 0;
  if (PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    return refuse_kind(scratch, type, object);
  }
  if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
  PyErr_Clear();
  return refuse(scratch, PyExc_OverflowError, "the integer is out of range of `%U`", type->wit);
}

static int to_char(Scratch* scratch, const Type* type, PyObject* object, uint64_t* scalar) {
  if (!PyUnicode_Check(object)) return refuse_kind(scratch, type, object);
  if (PyUnicode_GetLength(object) != 1)
    return refuse(scratch, PyExc_ValueError,
                  "a `char` is a str with one character, and this has %zd",
                  PyUnicode_GetLength(object));
  *scalar = PyUnicode_ReadChar(object, 0);
  if (*scalar >= 0xD800 && *scalar <= 0xDFFF)
    return refuse(scratch, PyExc_ValueError, "a surrogate is not a `char`");
  return 0;
}

/* The number of a case or the bits of flags that `key` names; -2: nothing. */
static long long look_up(const Type* type, PyObject* key) {
  PyObject* const found = PyDict_GetItemWithError(type->index, key);
  if (found != NULL) return PyLong_AsLongLong(found);
  if (!PyErr_Occurred()) return -2;
  if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
  PyErr_Clear(); /* it has no hash */
  return -2;
}

static int refuse_label(Scratch* scratch, const Type* type, PyObject* object) {
  PyObject* const labels = PyDict_Keys(type->index);
  PyObject* known = PyList_New(0);
  for (Py_ssize_t i = 0; labels != NULL && known != NULL && i < PyList_Size(labels); ++i) {
    PyObject* const label = PyList_GetItem(labels, i);
    if (PyUnicode_Check(label) && PyList_Append(known, label) < 0) break;
  }
  PyObject* const separator = PyUnicode_FromString(", ");
  PyObject* const text =
      known != NULL && separator != NULL ? PyUnicode_Join(separator, known) : NULL;
  if (text != NULL)
    refuse(scratch, PyUnicode_Check(object) ? PyExc_ValueError : PyExc_TypeError,
           "%R is not one of `%U`: %U", object, type->wit, text);
  Py_XDECREF(labels);
  Py_XDECREF(known);
  Py_XDECREF(separator);
  Py_XDECREF(text);
  return -1;
}

static int to_enum(Scratch* scratch, const Type* type, PyObject* object, uint64_t* index) {
  const long long found = look_up(type, object);
  if (found == -2) return refuse_label(scratch, type, object);
  *index = (uint64_t)found;
  return found < 0 ? -1 : 0;
}

/* The labels of an iterable. */
static int add_flags(Scratch* scratch, const Type* type, PyObject* object, uint64_t* bits) {
  PyObject* const labels = PyUnicode_Check(object) ? NULL : PyObject_GetIter(object);
  if (labels == NULL) {
    PyErr_Clear();
    return refuse_kind(scratch, type, object);
  }
  int failed = 0;
  for (PyObject* label; !failed && (label = PyIter_Next(labels)) != NULL; Py_DECREF(label)) {
    PyObject* const found =
        PyUnicode_Check(label) ? PyDict_GetItemWithError(type->index, label) : NULL;
    if (found != NULL)
      *bits |= PyLong_AsUnsignedLongLong(found);
    else
      failed = PyErr_Occurred() ? -1 : refuse_label(scratch, type, label);
  }
  Py_DECREF(labels);
  return failed || PyErr_Occurred() ? -1 : 0;
}

static int to_flags(Scratch* scratch, const Type* type, PyObject* object, uint64_t* bits) {
  const int is_made = PyObject_IsInstance(object, type->cls);
  if (is_made < 0) return -1;
  *bits = 0;
  if (!is_made) return add_flags(scratch, type, object, bits);
  PyObject* const value = PyObject_GetAttrString(object, "value");
  if (value == NULL) return -1;
  *bits = PyLong_AsUnsignedLongLong(value);
  Py_DECREF(value);
  return *bits == UINT64_MAX && PyErr_Occurred() ? -1 : 0;
}

int to_flat(Scratch* scratch, const Type* type, PyObject* object, uint64_t* flat) {
  double number = 0;
  switch (type->kind) {
    case TENON_BOOL:
      if (!PyBool_Check(object)) return refuse_kind(scratch, type, object);
      *flat = object == Py_True;
      return 0;
    case TENON_S8:
    case TENON_S16:
    case TENON_S32:
      if (to_integer(scratch, type, object, flat) < 0) return -1;
      *flat = (uint32_t)*flat;
      return 0;
    case TENON_F32: {
      if (to_float(scratch, type, object, &number) < 0) return -1;
      const float narrow = (float)number;
      uint32_t bits;
      memcpy(&bits, &narrow, sizeof bits);
      *flat = bits;
      return 0;
    }
    case TENON_F64:
      if (to_float(scratch, type, object, &number) < 0) return -1;
      memcpy(flat, &number, sizeof number);
      return 0;
    case TENON_CHAR:
      return to_char(scratch, type, object, flat);
    case TENON_ENUM:
      return to_enum(scratch, type, object, flat);
    case TENON_FLAGS:
      return to_flags(scratch, type, object, flat);
    default:
      return to_integer(scratch, type, object, flat);
  }
}

static int to_string(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  if (!PyUnicode_Check(object)) return refuse_kind(scratch, type, object);
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text == NULL) {
    if (!PyErr_ExceptionMatches(PyExc_UnicodeError)) return -1;
    PyErr_Clear();
    return refuse(scratch, PyExc_ValueError, "the str has surrogates, which are not Unicode text");
  }
  if (scratch->call != NULL || size <= 64) {
    void* const copy = scratch_alloc(scratch, (size_t)size);
    if (copy == NULL) return -1;
    text = (const char*)memcpy(copy, text, (size_t)size);
  } else if (scratch_hold(scratch, object) < 0) {
    return -1;
  }
  value->of.str.ptr = text;
  value->of.str.len = (size_t)size;
  return 0;
}

static size_t size_of(uint8_t kind) {
  switch (kind) {
    case TENON_BOOL:
    case TENON_S8:
    case TENON_U8:
      return 1;
    case TENON_S16:
    case TENON_U16:
      return 2;
    case TENON_S64:
    case TENON_U64:
    case TENON_F64:
      return 8;
    default:
      return 4;
  }
}

/* Whether elements of a buffer are values of a kind. */
static int fits(const Py_buffer* view, uint8_t kind) {
  const char* format = view->format != NULL ? view->format : "B";
  if (*format == '@' || *format == '=' || *format == '<') ++format;
  if (format[0] == '\0' || format[1] != '\0' || (size_t)view->itemsize != size_of(kind)) return 0;
  switch (kind) {
    case TENON_U8:
    case TENON_U16:
    case TENON_U32:
    case TENON_U64:
      return strchr("BHILQN", *format) != NULL || (kind == TENON_U8 && *format == 'c');
    case TENON_S8:
    case TENON_S16:
    case TENON_S32:
    case TENON_S64:
      return strchr("bhilqn", *format) != NULL;
    case TENON_F32:
    case TENON_F64:
      return *format == 'f' || *format == 'd';
    default:
      return 0;
  }
}

/* 1: the elements are those of a buffer. */
static int view_buffer(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  const uint8_t kind = type->parts[0]->kind;
  if (!PyObject_CheckBuffer(object)) return 0;
  const Py_buffer* const view = scratch_view(scratch, object);
  if (view == NULL) {
    PyErr_Clear(); /* it is not contiguous */
    return 0;
  }
  if (!fits(view, kind)) return 0;
  const void* elements = view->buf;
  if (scratch->call != NULL || (uintptr_t)elements % size_of(kind) != 0) {
    void* const copy = scratch_alloc(scratch, (size_t)view->len);
    if (copy == NULL) return -1;
    elements = memcpy(copy, elements, (size_t)view->len);
  }
  value->kind = TENON_PACKED;
  value->elem = kind;
  value->of.packed.ptr = elements;
  value->of.packed.len = (size_t)view->len / size_of(kind);
  return 1;
}

/* A list or tuple of the elements: a new reference. */
static PyObject* to_sequence(Scratch* scratch, const Type* type, PyObject* object) {
  const int is_text =
      PyUnicode_Check(object) && !(type->kind == TENON_LIST && type->parts[0]->kind == TENON_CHAR);
  if (PyList_Check(object) || PyTuple_Check(object)) return Py_NewRef(object);
  PyObject* const made = is_text || PyDict_Check(object) ? NULL : PySequence_Fast(object, "");
  if (made != NULL) return made;
  if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    refuse_kind(scratch, type, object);
  }
  return NULL;
}

static PyObject* item_at(PyObject* sequence, Py_ssize_t i) {
  PyObject* const item =
      PyList_Check(sequence) ? PyList_GetItem(sequence, i) : PyTuple_GetItem(sequence, i);
  return item != NULL ? Py_NewRef(item) : NULL;
}

/* One element of a packed list. */
static int to_packed(Scratch* scratch, const Type* type, PyObject* object, char* element) {
  uint64_t flat = 0;
  if (to_flat(scratch, type, object, &flat) < 0) return -1;
  memcpy(element, &flat,
         size_of(type->kind)); /* little-endian, as every system that tenon runs on */
  return 0;
}

static int pack(Scratch* scratch, const Type* item, PyObject* sequence, tenon_value* value) {
  const size_t size = size_of(item->kind), count = (size_t)PySequence_Size(sequence);
  char* const elements = (char*)scratch_alloc(scratch, count * size);
  if (elements == NULL) return -1;
  for (size_t i = 0; i < count; ++i) {
    PyObject* const object = item_at(sequence, (Py_ssize_t)i);
    if (object == NULL) return -1;
    const int failed = to_packed(scratch, item, object, elements + i * size);
    Py_DECREF(object);
    if (failed) return refuse_at(scratch, PyUnicode_FromFormat("[%zu]", i));
  }
  value->kind = TENON_PACKED;
  value->elem = item->kind;
  value->of.packed.ptr = elements;
  value->of.packed.len = count;
  return 0;
}

/* Elements of one type, or of one type each. */
static int to_elements(Scratch* scratch, const Type* item, Type* const* items, PyObject* sequence,
                       tenon_value* value) {
  const size_t count = (size_t)PySequence_Size(sequence);
  tenon_value* const values = scratch_values(scratch, count);
  if (values == NULL) return -1;
  for (size_t i = 0; i < count; ++i) {
    PyObject* const object = item_at(sequence, (Py_ssize_t)i);
    if (object == NULL) return -1;
    const int failed = to_value(scratch, items != NULL ? items[i] : item, object, &values[i]);
    Py_DECREF(object);
    if (failed) return refuse_at(scratch, PyUnicode_FromFormat("[%zu]", i));
  }
  value->of.items.ptr = values;
  value->of.items.len = count;
  return 0;
}

int to_items(Scratch* scratch, const Type* item, PyObject* objects, tenon_value* value) {
  value->kind = TENON_LIST;
  if (item != NULL)
    return item->kind <= TENON_CHAR ? pack(scratch, item, objects, value)
                                    : to_elements(scratch, item, NULL, objects, value);
  value->of.items.len = (size_t)PySequence_Size(objects); /* items without a payload */
  return 0;
}

static int to_list(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  const Type* const item = type->parts[0];
  const int is_packed = item->kind <= TENON_CHAR;
  int converted = is_packed ? view_buffer(scratch, type, object, value) : 0;
  if (converted == 0) {
    PyObject* const sequence = to_sequence(scratch, type, object);
    if (sequence == NULL) return -1;
    converted = to_items(scratch, item, sequence, value);
    Py_DECREF(sequence);
  }
  if (converted < 0) return -1;
  const size_t count = value->kind == TENON_PACKED ? value->of.packed.len : value->of.items.len;
  if (type->length == 0 || count == type->length) return 0;
  return refuse(scratch, PyExc_ValueError, "`%U` has %u elements, and these are %zu", type->wit,
                type->length, count);
}

static int to_tuple(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  PyObject* const sequence = to_sequence(scratch, type, object);
  if (sequence == NULL) return -1;
  const Py_ssize_t count = PySequence_Size(sequence);
  int converted = -1;
  if (count == type->count)
    converted = to_elements(scratch, NULL, type->parts, sequence, value);
  else
    refuse(scratch, PyExc_ValueError, "`%U` has %zd elements, and these are %zd", type->wit,
           type->count, count);
  Py_DECREF(sequence);
  return converted;
}

static int to_map(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  PyObject* const pairs =
      PyMapping_Check(object) && !PyUnicode_Check(object) ? PyMapping_Items(object) : NULL;
  if (pairs == NULL) {
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_AttributeError)) return -1;
    PyErr_Clear();
    return refuse_kind(scratch, type, object);
  }
  const Py_ssize_t count = PyList_Size(pairs);
  tenon_value* const values = scratch_values(scratch, 2 * (size_t)count);
  int failed = values == NULL ? -1 : 0;
  for (Py_ssize_t i = 0; !failed && i < count; ++i) {
    PyObject* const pair = PyList_GetItem(pairs, i);
    PyObject* const key = PyTuple_GetItem(pair, 0);
    PyObject* const item = key != NULL ? PyTuple_GetItem(pair, 1) : NULL;
    failed = item == NULL || to_value(scratch, type->parts[0], key, &values[2 * i]) < 0 ||
             to_value(scratch, type->parts[1], item, &values[2 * i + 1]) < 0;
    if (failed && key != NULL) refuse_at(scratch, PyUnicode_FromFormat("[%R]", key));
    /* A small str or number was copied; others live as long as the map does. */
    if (!failed && scratch->call == NULL) failed = scratch_hold(scratch, pair) < 0;
  }
  Py_DECREF(pairs);
  value->of.items.ptr = values;
  value->of.items.len = 2 * (size_t)count;
  return failed ? -1 : 0;
}

/* A field of an object that is not of the record's class: a new reference. */
static PyObject* find_field(Scratch* scratch, const Type* type, PyObject* object, Py_ssize_t i) {
  PyObject* const name = type->names[i];
  const int is_mapping = PyDict_Check(object);
  PyObject* found = NULL;
  if (is_mapping) {
    found = PyDict_GetItemWithError(object, name);
    if (found == NULL && !PyErr_Occurred())
      found = PyDict_GetItemWithError(object, type->names[type->count + i]);
    Py_XINCREF(found);
  } else if (!PyUnicode_Check(object) && !PyList_Check(object)) {
    found = PyObject_GetAttr(object, name);
  }
  if (found != NULL) return found;
  if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
  PyErr_Clear();
  if (is_mapping && type->parts[i]->kind == TENON_OPTION) return Py_NewRef(Py_None);
  if (is_mapping)
    refuse(scratch, PyExc_TypeError, "`%U` needs the key `%U`", type->wit, name);
  else
    refuse_kind(scratch, type, object);
  return NULL;
}

static int check_keys(Scratch* scratch, const Type* type, PyObject* object) {
  PyObject *key, *item;
  for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &item);) {
    if (!PyUnicode_Check(key))
      return refuse(scratch, PyExc_TypeError, "`%U` has no field %R", type->wit, key);
    const int known = PyDict_Contains(type->index, key);
    if (known < 0) return -1;
    if (!known) return refuse(scratch, PyExc_TypeError, "`%U` has no field `%U`", type->wit, key);
  }
  return 0;
}

static int to_record(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  tenon_value* const values = scratch_values(scratch, (size_t)type->count);
  if (values == NULL) return -1;
  const int is_own = (PyObject*)Py_TYPE(object) == type->cls && type->offsets != NULL;
  if (PyDict_Check(object) && check_keys(scratch, type, object) < 0) return -1;
  for (Py_ssize_t i = 0; i < type->count; ++i) {
    PyObject* field = is_own ? *(PyObject**)((char*)object + type->offsets[i]) : NULL;
    field = field != NULL ? Py_NewRef(field) : find_field(scratch, type, object, i);
    if (field == NULL) return -1;
    const int failed = to_value(scratch, type->parts[i], field, &values[i]);
    Py_DECREF(field);
    if (failed) return refuse_at(scratch, PyUnicode_FromFormat(".%U", type->names[i]));
  }
  value->of.items.ptr = values;
  value->of.items.len = (size_t)type->count;
  return 0;
}

static int to_payload(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  value->of.payload = NULL;
  if (type == NULL)
    return object == Py_None ? 0 : refuse(scratch, PyExc_TypeError, "the case has no payload");
  value->of.payload = scratch_values(scratch, 1);
  return value->of.payload != NULL ? to_value(scratch, type, object, value->of.payload) : -1;
}

static int to_value_member(Scratch* scratch, const Type* type, PyObject* object,
                           tenon_value* value) {
  PyObject* const payload = PyObject_GetAttrString(object, "value");
  if (payload == NULL) return -1;
  const int failed = to_payload(scratch, type, payload, value);
  Py_DECREF(payload);
  return failed ? refuse_at(scratch, PyUnicode_FromString(".value")) : 0;
}

static int to_variant(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  long long index = look_up(type, (PyObject*)Py_TYPE(object));
  if (index >= 0) {
    value->index = (uint32_t)index;
    return type->parts[index] != NULL ? to_value_member(scratch, type->parts[index], object, value)
                                      : 0;
  }
  PyObject* label = object;
  PyObject* payload = Py_None;
  if (PyTuple_Check(object) && PyTuple_Size(object) == 2) {
    label = PyTuple_GetItem(object, 0);
    payload = PyTuple_GetItem(object, 1);
  }
  if (!PyUnicode_Check(label) && !PyType_Check(label)) return refuse_label(scratch, type, object);
  index = look_up(type, label);
  if (index == -2) return refuse_label(scratch, type, label);
  if (index < 0) return -1;
  value->index = (uint32_t)index;
  if (to_payload(scratch, type->parts[index], payload, value) == 0) return 0;
  return refuse_at(scratch, PyUnicode_FromString("[1]"));
}

static int to_option(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  value->of.payload = NULL;
  if (object == Py_None) return 0;
  if (!type->is_wrapped) return to_payload(scratch, type->parts[0], object, value);
  const int is_some = PyObject_IsInstance(object, type->cls);
  if (is_some < 0) return -1;
  if (!is_some) return refuse(scratch, PyExc_TypeError, "`%U` needs None or a Some", type->wit);
  return to_value_member(scratch, type->parts[0], object, value);
}

static int to_result(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  for (uint32_t i = 0; i < 2; ++i) {
    const int is_case = PyObject_IsInstance(object, PyTuple_GetItem(type->cls, i));
    if (is_case < 0) return -1;
    if (!is_case) continue;
    value->index = i;
    return to_value_member(scratch, type->parts[i], object, value);
  }
  return refuse(scratch, PyExc_TypeError, "`%U` needs an Ok or an Err", type->wit);
}

int to_value(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  value->kind = type->kind;
  switch (type->kind) {
    case TENON_STRING:
      return to_string(scratch, type, object, value);
    case TENON_LIST:
      return to_list(scratch, type, object, value);
    case TENON_RECORD:
      return to_record(scratch, type, object, value);
    case TENON_TUPLE:
      return to_tuple(scratch, type, object, value);
    case TENON_MAP:
      return to_map(scratch, type, object, value);
    case TENON_VARIANT:
      return to_variant(scratch, type, object, value);
    case TENON_OPTION:
      return to_option(scratch, type, object, value);
    case TENON_RESULT:
      return to_result(scratch, type, object, value);
    case TENON_OWN:
    case TENON_BORROW:
      return to_handle(scratch, type, object, value);
    case TENON_STREAM:
    case TENON_FUTURE:
      return to_stream(scratch, type, object, value);
    case TENON_ENUM: {
      uint64_t index = 0;
      if (to_enum(scratch, type, object, &index) < 0) return -1;
      value->index = (uint32_t)index;
      return 0;
    }
    case TENON_S8:
    case TENON_S16:
    case TENON_S32:
      return to_integer(scratch, type, object, &value->of.u);
    default:
      return to_flat(scratch, type, object, &value->of.u);
  }
}
