#include <asm/asm-defns.h>
#include <asm/alternative-asm.h>
#include <asm/spec_ctrl_asm.h>
