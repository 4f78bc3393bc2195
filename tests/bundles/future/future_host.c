/* A library for a future host ABI, version 2. */
#include <tenon/tenon_host.h>

TENON_HOST_ENTRY(future) {
  static const tenon_host_module module = {
      sizeof module, 2, 0, TENON_CONCURRENT, "future", "1.0.0", NULL, NULL, NULL, 0, NULL, 0};
  return &module;
}
