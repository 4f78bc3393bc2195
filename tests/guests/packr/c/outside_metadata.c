// A package that says its metadata is beyond the end of its memory.
#define NO_METADATA
#include "tenon_packr.h"

EXPORT("__pack_types") Status pack_types(const uint8_t** at, uint32_t* size) {
  *at = (const uint8_t*)0x7fff0000;
  *size = 1024;
  return 0;
}

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
