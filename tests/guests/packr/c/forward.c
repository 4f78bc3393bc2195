// `pass` hands the bytes that it got to the import `next.pass`, and gives back what that gave: the
// words for the result are those of its own caller.
#include "tenon_packr.h"

IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);

EXPORT("pass") Status pass(PACKR_PARAMETERS) { return next_pass(bytes, size, result, result_size); }
