// Hands on to the functions of the import `answer`, the results of which can tell of a failure.
#include "tenon_packr.h"

#define HAND_ON(name, function)                                                  \
  IMPORT("answer", name) Status imported_##function(PACKR_PARAMETERS);           \
  EXPORT(name) Status function(PACKR_PARAMETERS) {                               \
    return imported_##function(bytes, size, result, result_size);                \
  }

HAND_ON("ask", ask)
HAND_ON("try", try_it)
HAND_ON("test", test)
HAND_ON("plain", plain)
