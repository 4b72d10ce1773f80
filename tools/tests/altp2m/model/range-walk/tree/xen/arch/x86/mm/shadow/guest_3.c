#define GUEST_PAGING_LEVELS 3
#include "multi.c"
