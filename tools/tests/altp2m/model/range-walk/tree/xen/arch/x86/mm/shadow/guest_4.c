#define GUEST_PAGING_LEVELS 4
#include "multi.c"
