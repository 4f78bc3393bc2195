// Declarations of what rt.c defines.
#pragma once
#include <stddef.h>

void* memcpy(void* to, const void* from, size_t n);
void* memmove(void* to, const void* from, size_t n);
void* memset(void* to, int c, size_t n);
int memcmp(const void* x, const void* y, size_t n);
size_t strlen(const char* s);
