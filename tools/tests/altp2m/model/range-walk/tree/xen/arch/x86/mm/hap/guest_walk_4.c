#define GUEST_PAGING_LEVELS 4
#include "guest_walk.c"
