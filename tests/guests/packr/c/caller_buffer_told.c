// The same with an allocator, and with metadata that tells the form.
#define HAS_ABI
#include "caller_buffer.c"
