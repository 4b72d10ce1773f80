#define GUEST_PAGING_LEVELS 2
#include "guest_walk.c"
