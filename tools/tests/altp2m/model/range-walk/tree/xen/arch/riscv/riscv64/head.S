#include <asm/config.h>

        .text

ENTRY(start)
        j  start
