// `flip` hands on to the import `shapes.flip`, whose variant has the cases of `cases_right` in another
// order: hashes of interfaces do not tell.
#include "tenon_packr.h"

IMPORT("shapes", "flip") Status shapes_flip(PACKR_PARAMETERS);

EXPORT("flip") Status flip(PACKR_PARAMETERS) { return shapes_flip(bytes, size, result, result_size); }
