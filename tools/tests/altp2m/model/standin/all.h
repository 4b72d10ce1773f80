/* SPDX-License-Identifier: GPL-2.0-only */
/* What each of Xen's headers is here: see the Makefile's FORWARD. */
#ifndef STANDIN_ALL_H
#define STANDIN_ALL_H

#include "base.h"
#include REAL_LIST_H
#include REAL_RBTREE_H
#include "memory.h"
#include "domain.h"
#define __XEN_TOOLS__ 1
#define XEN_ERRNO_NO_DEFINITIONS
#include <public/xen.h>
#include <public/memory.h>
#include "npt.h"
#include "p2m.h"
#include "vmx.h"
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include "guest.h"

#endif
