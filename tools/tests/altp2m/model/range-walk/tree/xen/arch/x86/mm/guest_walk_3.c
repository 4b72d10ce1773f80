#define GUEST_PAGING_LEVELS 3
#include "guest_walk.c"
