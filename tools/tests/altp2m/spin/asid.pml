/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD: a change of an entry, or of the view, against VM entry on processors
 * whose translations are tagged by ASID.
 *
 * One vCPU moves between two processors.  One gfn in two views; the operator
 * changes what one shows, and then gives the old frame back: the vCPU may not
 * reach it from then on, nor ever what the other view shows.  Another guest uses
 * up ASIDs.  Generations of ASIDs have no numbers here: all that counts is
 * whether the vCPU's is of its processor's.
 *
 *   step here                     code
 *   change the entry              entry_write(), write_p2m_entry()
 *   read the mask, kick, wait     npt_flush(): guest_flush_tlb_mask()
 *   kicked: a new generation      hvm_asid_flush_core()
 *   scheduled in, out             __context_switch(), write_ptbase()
 *   another processor             svm_do_resume(): launch_core
 *   entry: an ASID, VMRUN         svm_asid_handle_vmrun()
 *   switch of the view            svm_altp2m_sync()
 *
 * HOLE, each of which must be found:
 *   1  a new round of ASIDs drops what ASID 1 had, and not what all had
 *   2  the mask is read before the entry is changed for all to see
 *   3  a processor that comes to run the domain begins no new generation
 *   4  the vCPU keeps its ASID on another processor
 *   5  the vCPU keeps its ASID in another view
 *   6  kicked, but not waited for
 *   7  the frame is given back before the flush
 *   8  a kick is taken between the choice of the ASID and the guest
 */
#ifndef HOLE
#define HOLE 0
#endif
#define NC 2
#define ASIDS 2
#define OPS 1
#define NOBODY 9

byte pte[2];                     /* frame that each view shows */
byte tlb[4];                     /* by processor and ASID; 0: nothing */
byte next[NC] = 1;               /* ASID to be given out */
bit dirty[NC], kick[NC], guest[NC];
byte at = NOBODY, last = NOBODY; /* where the vCPU is, and was */
bit view, valid;                 /* valid: its ASID is of the generation */
byte asid;
bit dead[6], owner[6];           /* of frames */
byte fresh = 2;

#define T(c, a) tlb[(c) * ASIDS + (a) - 1]

/* All on this processor need new ones. */
inline new_generation(c) {
    if
    :: last == c -> valid = 0
    :: else
    fi
}

inline next_asid(c) {
    if
    :: next[c] > ASIDS ->
       next[c] = 1;
       new_generation(c);
       if
       :: HOLE == 1 -> T(c, 1) = 0
       :: else -> T(c, 1) = 0; T(c, 2) = 0
       fi
    :: else
    fi
}

inline schedule_in(c) {
    dirty[c] = 1;
    if
    :: HOLE == 3
    :: else -> new_generation(c)
    fi
}

/* Interrupts are off from here to the guest: a kick waits until it is there. */
inline enter(c) {
    atomic {
        if
        :: last != c && HOLE == 4 -> last = c
        :: last != c && HOLE != 4 -> last = c; valid = 0
        :: else
        fi;
        if
        :: !valid -> next_asid(c); asid = next[c]; next[c]++; valid = 1
        :: else
        fi
    };
    if
    :: HOLE == 8 -> kick[c] = 0
    :: else
    fi;
    guest[c] = 1
}

proctype Cpu(byte c) {
    byte f;
end:
    do
    :: atomic { at == NOBODY -> at = c }; schedule_in(c)
    :: at == c && dirty[c] && !guest[c] -> enter(c)
    :: atomic { at == c && !guest[c] && !kick[c] -> at = NOBODY; dirty[c] = 0 }
    :: atomic { kick[c] -> guest[c] = 0; new_generation(c); kick[c] = 0 }
    :: atomic { guest[c] -> guest[c] = 0 }       /* any exit */
    :: atomic { at == c && !guest[c] ->          /* switched, by itself */
       view = 1 - view;
       if
       :: HOLE == 5
       :: else -> valid = 0
       fi }
    :: atomic { !guest[c] -> next_asid(c); next[c]++ } /* another guest */
    :: atomic { guest[c] ->                      /* an access */
       if
       :: !T(c, asid) -> T(c, asid) = pte[view]
       :: else
       fi;
       f = T(c, asid);
       assert(!dead[f] && owner[f] == view);
       f = 0 }
    od
}

inline kick_all(a, b) {
    kick[0] = a;
    kick[1] = b;
    if
    :: HOLE == 6
    :: else -> !kick[0]; !kick[1]
    fi
}

proctype Operator() {
    byte n, old, v;
    bit m0, m1;
    do
    :: n < OPS ->
       n++; fresh++;
       if
       :: v = 0
       :: v = 1
       fi;
       old = pte[v];
       owner[fresh] = v;
       m0 = dirty[0]; m1 = dirty[1];
       pte[v] = fresh;
       if
       :: HOLE == 7 -> dead[old] = 1
       :: else
       fi;
       if
       :: HOLE == 2
       :: else -> m0 = dirty[0]; m1 = dirty[1]
       fi;
       kick_all(m0, m1);
       dead[old] = 1;
       old = 0; v = 0; m0 = 0; m1 = 0
    :: else -> break
    od
}

init { atomic { pte[0] = 1; pte[1] = 2; owner[2] = 1; run Cpu(0); run Cpu(1); run Operator() } }
