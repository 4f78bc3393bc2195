// A package that imports its memory from `env`, as position-independent packages of packr 0.9 do.
// linker: --import-memory
#include "tenon_packr.h"

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
