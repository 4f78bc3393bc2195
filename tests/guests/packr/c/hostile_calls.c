// Calls of the import `next.pass` that no honest package makes, and one that is fine. What the import
// gives is given back.
//   fine               with what it got
//   outside            an argument beyond the end of the memory
//   negative           an argument of -1 bytes
//   slots-outside      the words for the result lie beyond the end of the memory
//   slots-in-argument  they lie in the argument
//   slots-unaligned    they lie at odd places, which is allowed
//   not-a-value        an argument that is no value
//   tells              looks at the status, and gives back the text of an error as a string
//   twice              two calls; the result of the first is freed by then
#include "tenon_packr.h"

#include "graph.h"

IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);

EXPORT("fine") Status fine(PACKR_PARAMETERS) { return next_pass(bytes, size, result, result_size); }

EXPORT("outside") Status outside(PACKR_PARAMETERS) {
  (void)bytes;
  return next_pass((const uint8_t*)0x7fff0000, size, result, result_size);
}

EXPORT("negative") Status negative(PACKR_PARAMETERS) {
  (void)size;
  return next_pass(bytes, (uint32_t)-1, result, result_size);
}

EXPORT("slots-outside") Status slots_outside(PACKR_PARAMETERS) {
  (void)result, (void)result_size;
  return next_pass(bytes, size, (uint8_t**)0x7fff0000, (uint32_t*)0xfffffffe);
}

EXPORT("slots-in-argument") Status slots_in_argument(PACKR_PARAMETERS) {
  const Status status = next_pass(bytes, size, (uint8_t**)bytes, (uint32_t*)(bytes + 4));
  *result = *(uint8_t**)bytes;
  *result_size = *(uint32_t*)(bytes + 4);
  return status;
}

EXPORT("slots-unaligned") Status slots_unaligned(PACKR_PARAMETERS) {
  static uint8_t words[16];
  const Status status = next_pass(bytes, size, (uint8_t**)(words + 1), (uint32_t*)(words + 7));
  *result = (uint8_t*)(uintptr_t)load_u32(words + 1);
  *result_size = load_u32(words + 7);
  return status;
}

EXPORT("not-a-value") Status not_a_value(PACKR_PARAMETERS) {
  (void)bytes, (void)size;
  static const uint8_t kText[] = "this is not a value";
  return next_pass(kText, sizeof kText, result, result_size);
}

EXPORT("tells") Status tells(PACKR_PARAMETERS) {
  const Status status = next_pass(bytes, size, result, result_size);
  if (status >= 0) return status;
  Writer writer = {0};
  write_string(&writer, (Text){(const char*)*result, *result_size});
  return finish(&writer, result, result_size);
}

EXPORT("twice") Status twice(PACKR_PARAMETERS) {
  const Status status = next_pass(bytes, size, result, result_size);
  return status != 0 ? status : next_pass(bytes, size, result, result_size);
}
