// `shapes.flip` gives back what it gets: see `cases_left`.
#include "tenon_packr.h"

EXPORT("shapes.flip") Status flip(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
