/* From values to Python. */
#include <string.h>

#include "values.h"

static PyObject* from_flags(const Type* type, uint64_t bits) {
  PyObject* const key = PyLong_FromUnsignedLongLong(bits);
  if (key == NULL) return NULL;
  PyObject* flags = PyDict_GetItemWithError(type->made, key);
  if (flags != NULL) {
    Py_INCREF(flags);
  } else if (!PyErr_Occurred()) {
    flags = PyObject_CallFunctionObjArgs(type->cls, key, NULL);
    if (flags != NULL && PyDict_Size(type->made) < 256 &&
        PyDict_SetItem(type->made, key, flags) < 0)
      Py_CLEAR(flags);
  }
  Py_DECREF(key);
  return flags;
}

static PyObject* from_case(const Type* type, uint64_t index) {
  if (index < (uint64_t)type->count) return Py_NewRef(type->cases[index]);
  PyErr_Format(PyExc_ValueError, "`%U` has no case %llu", type->wit, (unsigned long long)index);
  return NULL;
}

static PyObject* from_char(uint32_t scalar) {
  const int order = -1; /* little-endian, as every system that tenon runs on */
  int given = order;
  return PyUnicode_DecodeUTF32((const char*)&scalar, sizeof scalar, NULL, &given);
}

PyObject* from_flat(const Type* type, uint64_t flat) {
  switch (type->kind) {
    case TENON_BOOL:
      return PyBool_FromLong(flat != 0);
    case TENON_S8:
      return PyLong_FromLong((int8_t)flat);
    case TENON_S16:
      return PyLong_FromLong((int16_t)flat);
    case TENON_S32:
      return PyLong_FromLong((int32_t)flat);
    case TENON_U8:
    case TENON_U16:
    case TENON_U32:
      return PyLong_FromUnsignedLong((uint32_t)flat);
    case TENON_S64:
      return PyLong_FromLongLong((int64_t)flat);
    case TENON_F32: {
      float number;
      memcpy(&number, &flat, sizeof number);
      return PyFloat_FromDouble(number);
    }
    case TENON_F64: {
      double number;
      memcpy(&number, &flat, sizeof number);
      return PyFloat_FromDouble(number);
    }
    case TENON_CHAR:
      return from_char((uint32_t)flat);
    case TENON_ENUM:
      return from_case(type, flat);
    case TENON_FLAGS:
      return from_flags(type, flat);
    default:
      return PyLong_FromUnsignedLongLong(flat);
  }
}

/* An `array.array` of the elements. */
static PyObject* make_array(char code, const void* elements, size_t size) {
  static PyObject* array;
  if (array == NULL) {
    PyObject* const module = PyImport_ImportModule("array");
    array = module != NULL ? PyObject_GetAttrString(module, "array") : NULL;
    Py_XDECREF(module);
    if (array == NULL) return NULL;
  }
  PyObject* const made = PyObject_CallFunction(array, "C", code);
  if (made == NULL || size == 0) return made;
  PyObject* const view = PyMemoryView_FromMemory((char*)elements, (Py_ssize_t)size, PyBUF_READ);
  PyObject* const filled = view != NULL ? PyObject_CallMethod(made, "frombytes", "O", view) : NULL;
  Py_XDECREF(view);
  Py_XDECREF(filled);
  if (filled != NULL) return made;
  Py_DECREF(made);
  return NULL;
}

static PyObject* from_packed(const Type* item, const tenon_value* value) {
  static const char codes[] = {
      [TENON_S8] = 'b',  [TENON_S16] = 'h', [TENON_U16] = 'H', [TENON_S32] = 'i', [TENON_U32] = 'I',
      [TENON_S64] = 'q', [TENON_U64] = 'Q', [TENON_F32] = 'f', [TENON_F64] = 'd', [TENON_CHAR] = 0};
  static const uint8_t sizes[] = {
      [TENON_S8] = 1,  [TENON_S16] = 2, [TENON_U16] = 2, [TENON_S32] = 4, [TENON_U32] = 4,
      [TENON_S64] = 8, [TENON_U64] = 8, [TENON_F32] = 4, [TENON_F64] = 8};
  const char* const elements = (const char*)value->of.packed.ptr;
  const size_t count = value->of.packed.len;
  if (item->kind == TENON_U8) return PyBytes_FromStringAndSize(elements, (Py_ssize_t)count);
  if (codes[item->kind] != 0)
    return make_array(codes[item->kind], elements, count * sizes[item->kind]);
  PyObject* const list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    uint32_t flat = (uint8_t)elements[i];
    if (item->kind == TENON_CHAR) memcpy(&flat, elements + 4 * i, 4);
    PyObject* const object = from_flat(item, flat);
    if (object == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, object);
  }
  return list;
}

PyObject* from_items(Scratch* scratch, const Type* item, const tenon_value* value) {
  if (item != NULL && value->kind == TENON_PACKED) return from_packed(item, value);
  if (item != NULL && item->kind <= TENON_CHAR && value->of.items.len == 0) {
    const tenon_value empty = tenon_value_packed(item->kind, "", 0);
    return from_packed(item, &empty);
  }
  const size_t count = value->of.items.len;
  PyObject* const list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* const object =
        item != NULL ? from_value(scratch, item, &value->of.items.ptr[i]) : Py_NewRef(Py_None);
    if (object == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, object);
  }
  return list;
}

static PyObject* from_tuple(Scratch* scratch, const Type* type, const tenon_value* value) {
  PyObject* const tuple = PyTuple_New(type->count);
  for (Py_ssize_t i = 0; tuple != NULL && i < type->count; ++i) {
    PyObject* const object = from_value(scratch, type->parts[i], &value->of.items.ptr[i]);
    if (object == NULL) {
      Py_DECREF(tuple);
      return NULL;
    }
    PyTuple_SetItem(tuple, i, object);
  }
  return tuple;
}

/* An instance whose fields are set where they are, without its __init__. */
static PyObject* from_record(Scratch* scratch, const Type* type, const tenon_value* value) {
  PyObject* const object = type->offsets == NULL
                               ? PyObject_CallMethod(type->cls, "__new__", "O", type->cls)
                               : PyType_GenericAlloc((PyTypeObject*)type->cls, 0);
  for (Py_ssize_t i = 0; object != NULL && i < type->count; ++i) {
    PyObject* const field = from_value(scratch, type->parts[i], &value->of.items.ptr[i]);
    int failed = field == NULL;
    if (!failed && type->offsets == NULL) {
      failed = PyObject_SetAttr(object, type->names[i], field) < 0;
      Py_DECREF(field);
    } else if (!failed) {
      *(PyObject**)((char*)object + type->offsets[i]) = field;
    }
    if (!failed) continue;
    Py_DECREF(object);
    return NULL;
  }
  return object;
}

static PyObject* from_map(Scratch* scratch, const Type* type, const tenon_value* value) {
  PyObject* const map = PyDict_New();
  for (size_t i = 0; map != NULL && i + 1 < value->of.items.len; i += 2) {
    PyObject* const key = from_value(scratch, type->parts[0], &value->of.items.ptr[i]);
    PyObject* const item =
        key != NULL ? from_value(scratch, type->parts[1], &value->of.items.ptr[i + 1]) : NULL;
    const int failed = item == NULL || PyDict_SetItem(map, key, item) < 0;
    Py_XDECREF(key);
    Py_XDECREF(item);
    if (!failed) continue;
    Py_DECREF(map);
    return NULL;
  }
  return map;
}

static PyObject* from_payload(Scratch* scratch, const Type* type, const tenon_value* payload) {
  return type != NULL && payload != NULL ? from_value(scratch, type, payload) : Py_NewRef(Py_None);
}

/* An object of a class with one field, the payload. */
static PyObject* wrap(Scratch* scratch, PyObject* cls, const Type* type,
                      const tenon_value* payload) {
  PyObject* const object = from_payload(scratch, type, payload);
  if (object == NULL) return NULL;
  PyObject* const wrapped = PyObject_CallFunctionObjArgs(cls, object, NULL);
  Py_DECREF(object);
  return wrapped;
}

static PyObject* from_variant(Scratch* scratch, const Type* type, const tenon_value* value) {
  PyObject* const found = from_case(type, value->index);
  if (found == NULL || type->parts[value->index] == NULL) return found;
  PyObject* const wrapped = wrap(scratch, found, type->parts[value->index], value->of.payload);
  Py_DECREF(found);
  return wrapped;
}

PyObject* from_value(Scratch* scratch, const Type* type, const tenon_value* value) {
  switch (type->kind) {
    case TENON_STRING:
      return PyUnicode_DecodeUTF8(value->of.str.ptr, (Py_ssize_t)value->of.str.len, NULL);
    case TENON_LIST:
      return from_items(scratch, type->parts[0], value);
    case TENON_RECORD:
      return from_record(scratch, type, value);
    case TENON_TUPLE:
      return from_tuple(scratch, type, value);
    case TENON_MAP:
      return from_map(scratch, type, value);
    case TENON_VARIANT:
      return from_variant(scratch, type, value);
    case TENON_OPTION:
      if (value->of.payload == NULL) return Py_NewRef(Py_None);
      return type->is_wrapped ? wrap(scratch, type->cls, type->parts[0], value->of.payload)
                              : from_value(scratch, type->parts[0], value->of.payload);
    case TENON_RESULT:
      return wrap(scratch, PyTuple_GetItem(type->cls, value->index != 0),
                  type->parts[value->index != 0], value->of.payload);
    case TENON_OWN:
    case TENON_BORROW:
      return from_handle(scratch, type, value);
    case TENON_STREAM:
    case TENON_FUTURE:
      return from_stream(scratch, type, value);
    case TENON_ENUM:
      return from_case(type, value->index);
    case TENON_F32:
      return PyFloat_FromDouble(value->of.f32);
    default:
      return from_flat(type, value->of.u);
  }
}
