// A package that does not tell its types: `pass` gives back its argument.
#include "tenon_packr.h"

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
