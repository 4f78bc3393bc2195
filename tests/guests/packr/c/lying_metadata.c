// A package whose metadata has types that there are not: the tag of each `s64` is 99. It writes that
// when it is asked, so that nobody sees it who does not ask.
#define NO_METADATA
#include "tenon_packr.h"

#include "graph.h"

static uint8_t told[] = {
#include METADATA
};

// Each description of a type ends in the name of its case and the tag.
EXPORT("__pack_types") Status pack_types(const uint8_t** at, uint32_t* size) {
  for (uint32_t k = 0; k + 7 <= sizeof told; ++k)
    if (same_text((Text){(const char*)told + k, 3}, TEXT("s64"))) told[k + 3] = 99;
  *at = told;
  *size = sizeof told;
  return 0;
}

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
