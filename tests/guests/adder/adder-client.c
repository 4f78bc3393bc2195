// adder-client: imports demo:calc/ops and calls it in a loop. The consumer of the pair that
// benchmarks measure calls with. Each call depends on the one before it, and the import is opaque
// to the compiler, so no call can be left out or moved.
#include "adder_client.h"

enum { BLOCK = 1024 };
static uint8_t block[BLOCK];

uint32_t exports_adder_client_run_add(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; ++i) sum = demo_calc_ops_add(sum, i);
  return sum;
}

uint32_t exports_adder_client_run_bytes(uint32_t n) {
  for (uint32_t i = 0; i < BLOCK; ++i) block[i] = (uint8_t)i;
  adder_client_list_u8_t data = {block, BLOCK};
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; ++i) {
    block[0] = (uint8_t)sum;
    sum += demo_calc_ops_sum_bytes(&data);
  }
  return sum;
}
