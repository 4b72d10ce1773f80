/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A change of an entry, against VM entry and VMFUNC on other processors.
 *
 * One gfn in two views.  The operator changes what a view shows, or the host's
 * entry that both share, and then gives the old frame back: no processor may
 * reach it from then on.  Frames are numbered and never used twice.
 *
 *   step here                     code
 *   change the entry              entry_write(), atomic_write_ept_entry()
 *   set the mask                  ept_sync_domain_prepare(), by altp2m_settle()
 *   kick, wait                    ept_sync_domain_mask(), at p2m_unlock() or
 *                                 p2m_tlb_flush_sync()
 *   entry: mask, INVEPT           vmx_vmenter_helper()
 *   scheduled in, out             dirty_cpumask
 *
 * HOLE, each of which must be found:
 *   1  INVEPT at entry is of the current view's context only
 *   2  the frame is freed before the flush
 *   3  the mask is set, but nobody is kicked
 *   4  kicked, but not waited for
 *   5  a kick is taken between the look at the mask and the guest
 *   6  the mask is set before the entry is changed, and not after
 *   7  a processor is marked as running the domain only after it has looked at
 *      the mask
 *   8  only processors that are in the guest are marked in the mask
 */
#ifndef HOLE
#define HOLE 0
#endif
#define NC 2
#define OPS 2

byte pte[2] = 1;                 /* frame that each view shows */
byte tlb[4];                     /* by processor and view; 0: nothing */
bit mask[NC], dirty[NC], guest[NC], kick[NC];
byte view[NC];
bit dead[6];
byte fresh = 1;

#define T(c, v) tlb[(c) * 2 + (v)]

/* Interrupts are off from here to the guest: a kick waits until it is there. */
inline enter(c) {
    if
    :: HOLE != 7 -> dirty[c] = 1
    :: else
    fi;
    if
    :: mask[c] ->
       if
       :: HOLE == 1 -> mask[c] = 0; T(c, view[c]) = 0
       :: else -> mask[c] = 0; T(c, 0) = 0; T(c, 1) = 0
       fi
    :: else
    fi;
    if
    :: HOLE == 7 -> dirty[c] = 1
    :: else
    fi;
    if
    :: HOLE == 5 -> kick[c] = 0
    :: else
    fi;
    guest[c] = 1
}

proctype Cpu(byte c) {
    byte f;
end:
    do
    :: !guest[c] -> enter(c)
    :: atomic { !guest[c] && !kick[c] -> dirty[c] = 0 }      /* scheduled out */
    :: atomic { kick[c] -> guest[c] = 0; kick[c] = 0 }
    :: atomic { guest[c] -> guest[c] = 0 }       /* any exit */
    :: atomic { guest[c] -> view[c] = 1 - view[c] } /* VMFUNC */
    :: atomic { guest[c] ->                      /* an access */
       if
       :: !T(c, view[c]) -> T(c, view[c]) = pte[view[c]]
       :: else
       fi;
       f = T(c, view[c]);
       assert(!dead[f]);
       f = 0 }
    od
}

inline set_mask() {
    atomic {
        mask[0] = (HOLE != 8 || guest[0]);
        mask[1] = (HOLE != 8 || guest[1])
    }
}

inline flush() {
    if
    :: HOLE == 6
    :: else -> set_mask()
    fi;
    if
    :: HOLE == 3
    :: else ->
       kick[0] = dirty[0];
       kick[1] = dirty[1];
       if
       :: HOLE == 4
       :: else -> !kick[0]; !kick[1]
       fi
    fi
}

proctype Operator() {
    byte n, old, v;
    do
    :: n < OPS ->
       n++; fresh++;
       if
       :: HOLE == 6 -> set_mask()
       :: else
       fi;
       if                       /* of one view, or of what both share */
       :: v = 0
       :: v = 1
       fi;
       old = pte[v];
       pte[v] = fresh;
       if
       :: pte[1 - v] == old -> pte[1 - v] = fresh
       :: else
       fi;
       if
       :: HOLE == 2 -> dead[old] = 1
       :: else
       fi;
       flush();
       dead[old] = 1;
       old = 0; v = 0
    :: else -> break
    od
}

init { atomic { run Cpu(0); run Cpu(1); run Operator() } }
