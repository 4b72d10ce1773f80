/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ASIDs: Xen's own files, as grafted, with what is a processor's own for each
 * processor.  There are so few that they are used up all the time.
 */
#include "model.h"

#define NR_ASIDS 4                /* 0 is the host's */

static unsigned int cpu;          /* whose code is running */

#undef this_cpu
#define this_cpu(x) (x)[cpu]
#define DEFINE_PER_CPU(t, n) t n[NR_CPUS]
#define boolean_param(name, x)
#define cpu_has_amd_erratum(c, e) false
#define cpuid_ebx(leaf) NR_ASIDS

#include "hvm-asid.c"
#include "svm-asid.c"

void asid_start(unsigned int c)
{
    cpu = c;
    svm_asid_init(NULL);
}

/* What the others had on this processor is not to be used any more. */
void asid_flush(unsigned int c)
{
    cpu = c;
    hvm_asid_flush_core();
    trace_invalidate(c);
}

/* Right before VMRUN. */
void asid_enter(unsigned int c, struct vcpu *v)
{
    struct vcpu *was = current;

    cpu = c;
    current = v;
    svm_asid_handle_vmrun();
    current = was;
}
