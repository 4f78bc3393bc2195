// adder: exports demo:calc/ops. The provider of the pair that benchmarks measure calls with.
#include "adder.h"

uint32_t exports_demo_calc_ops_add(uint32_t a, uint32_t b) { return a + b; }

uint32_t exports_demo_calc_ops_sum_bytes(adder_list_u8_t* data) {
  uint32_t sum = 0;
  for (size_t i = 0; i < data->len; ++i) sum += data->ptr[i];
  adder_list_u8_free(data);
  return sum;
}
