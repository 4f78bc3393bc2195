// A package whose metadata ends in the middle of a node.
#define NO_METADATA
#include "tenon_packr.h"

static const uint8_t told[] = {'C', 'G', 'R', 'F', 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 200, 0, 0, 0, 1};

EXPORT("__pack_types") Status pack_types(const uint8_t** at, uint32_t* size) {
  *at = told;
  *size = sizeof told;
  return 0;
}

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
