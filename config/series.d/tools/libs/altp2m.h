/* SPDX-License-Identifier: LGPL-2.1-only */
/* The public header of Xen that xenaltp2m.h has its records from. */
#include <xen/xen.h>
#include <xen/hvm/altp2m.h>
