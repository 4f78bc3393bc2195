// Results that no honest package gives. Each function says of what kind its result is; the
// arguments do not matter.
#include "tenon_packr.h"

#include "graph.h"

// Names and values are given as they are, with this status.
#define RESULT_OF(name, function, at, length, status)                \
  EXPORT(name) Status function(PACKR_PARAMETERS) {                    \
    (void)bytes, (void)size;                                          \
    *result = (uint8_t*)(uintptr_t)(at);                              \
    *result_size = (length);                                          \
    return (status);                                                  \
  }

// An s64, which is fine where no more than its status is wrong.
static const uint8_t seven[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                kS64, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0};

static Status give(const uint8_t* from, uint32_t length, Status status, uint8_t** result,
                   uint32_t* result_size) {
  uint8_t* copy = allocate(length);
  if (copy == NULL) return -1;
  __builtin_memcpy(copy, from, length);
  *result = copy;
  *result_size = length;
  return status;
}

#define BYTES_OF(name, function, from, status)                               \
  EXPORT(name) Status function(PACKR_PARAMETERS) {                           \
    (void)bytes, (void)size;                                                 \
    return give((const uint8_t*)(from), sizeof(from), (status), result, result_size); \
  }

// Where the result is said to be.
RESULT_OF("outside", outside, 0x7fff0000, 16, 0)
RESULT_OF("wraps", wraps, 0xfffffff0, 0x20, 0)
RESULT_OF("huge", huge, 1024, 0x80000000, 0)
RESULT_OF("nothing", nothing, 0, 0, 0)

// What the status says: 1 is for imports alone, 7 for nothing.
BYTES_OF("status-1", status_1, seven, 1)
BYTES_OF("status-7", status_7, seven, 7)

// Texts of errors.
static const uint8_t kNotUtf8[] = {'b', 'a', 'd', ' ', 0xff, 0xfe, 0x1b, '[', '3', '1', 'm'};
BYTES_OF("not-utf8", not_utf8, kNotUtf8, -1)
RESULT_OF("silent-error", silent_error, 0, 0, -1)
RESULT_OF("outside-error", outside_error, 0xffff0000, 64, -1)

// What is not a value.
static const uint8_t kText[] = "this is not a value";
static const uint8_t kManyNodes[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
static const uint8_t kLongList[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                    kList, 0, 0, 0, 6, 0, 0, 0, kString, 0xff, 0xff, 0xff, 0xff, 0};
// A tuple that holds itself.
static const uint8_t kCycle[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                 kTuple, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t kBoolean[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                kBool, 0, 0, 0, 1, 0, 0, 0, 1};
BYTES_OF("not-a-value", not_a_value, kText, 0)
BYTES_OF("counts-too-much", counts_too_much, kManyNodes, 0)
BYTES_OF("list-too-long", list_too_long, kLongList, 0)
BYTES_OF("cycle", cycle, kCycle, 0)
// A bool, where the metadata says s64.
BYTES_OF("lies", lies, kBoolean, 0)

// Tuples of one in each other.
EXPORT("deep") Status deep(PACKR_PARAMETERS) {
  (void)bytes, (void)size;
  Writer writer = {0};
  uint32_t inner = write_s64(&writer, 1);
  for (uint32_t k = 0; k < 100000; ++k) inner = write_tuple(&writer, &inner, 1);
  return finish(&writer, result, result_size);
}

// Pairs of the same pair: 2 to the power of 60 numbers in some 1,500 bytes.
EXPORT("doubles") Status doubles(PACKR_PARAMETERS) {
  (void)bytes, (void)size;
  Writer writer = {0};
  uint32_t inner = write_s64(&writer, 1);
  for (uint32_t k = 0; k < 60; ++k) {
    const uint32_t both[] = {inner, inner};
    inner = write_tuple(&writer, both, 2);
  }
  return finish(&writer, result, result_size);
}
