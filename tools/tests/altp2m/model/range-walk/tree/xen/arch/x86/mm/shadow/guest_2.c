#define GUEST_PAGING_LEVELS 2
#include "multi.c"
