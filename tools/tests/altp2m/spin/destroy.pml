/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view is destroyed and another made of the same page, against switches: by
 * VMFUNC in the guest, and by a monitor's reply on a paused vCPU.
 *
 * Two vCPUs, each on a processor of its own; views 0 and 1; view 1's root is
 * page 1.  What a processor has cached is tagged by the root page, and life
 * tells of which life of the page it is.
 *
 *   step here                     code
 *   unlist                        publish(), with view->dying
 *   pause                         domain_pause_except_self()
 *   in use?                       view_in_use()
 *   free, flush                   view_free(), altp2m_settle()
 *   make                          view_create()
 *   VMFUNC                        the EPTP list
 *   note                          vmx_altp2m_vmexit()
 *   reply                         altp2m_switch_vcpu()
 *
 * HOLE, each of which must be found:
 *   1  vCPUs are not paused
 *   2  it is seen whether the view is in use before they are paused
 *   3  it stays in the EPTP list
 *   4  at an exit it isn't noted which view the guest chose
 *   5  the root is used again without a flush in between, at either end
 *   6  a reply may enter a view that is being destroyed
 *   7  a new view is in the EPTP list before the flush
 */
#ifndef HOLE
#define HOLE 0
#endif

bit listed = 1, there = 1, dying;
byte life = 1;                   /* of page 1 as a root; 0: it is free */
byte last = 1;
byte eptp[2];                    /* page walked from: 0 or 1 */
byte idx[2];                     /* the view Xen says the vCPU is in */
byte cached[2];                  /* life of page 1 that this processor knows */
bit guest[2], paused, mask[2], lock;

proctype Vcpu(byte c) {
end:
    do
    :: atomic { !guest[c] && !paused ->
       if
       :: mask[c] -> cached[c] = 0; mask[c] = 0
       :: else
       fi;
       guest[c] = 1 }
    :: atomic { guest[c] ->                     /* an exit */
       guest[c] = 0;
       if
       :: HOLE == 4
       :: else -> idx[c] = eptp[c]
       fi }
    :: atomic { guest[c] && listed -> eptp[c] = 1 }   /* VMFUNC */
    :: atomic { guest[c] -> eptp[c] = 0 }
    :: atomic { guest[c] && eptp[c] == 1 ->     /* an access */
       assert(life != 0);                       /* walks a free page */
       if
       :: !cached[c] -> cached[c] = life
       :: else
       fi;
       assert(cached[c] == life) }              /* uses what is of its past */
    od
}

/* A monitor's reply, on a vCPU that is out of the guest and stays there. */
proctype Reply() {
    do
    :: atomic { !lock && !guest[1] -> lock = 1 };
       if
       :: there && (!dying || HOLE == 6) && !guest[1] ->
          atomic { idx[1] = 1; eptp[1] = 1 }
       :: else
       fi;
       lock = 0
    :: break
    od
}

inline pause() {
    if
    :: HOLE == 1
    :: else -> paused = 1; !guest[0]; !guest[1]
    fi
}

inline flush() { atomic { mask[0] = 1; mask[1] = 1 }; !guest[0] || !mask[0]; !guest[1] || !mask[1] }

proctype Operator() {
    bit used;
    /* destroy */
    if
    :: HOLE == 2 -> used = (idx[0] == 1 || idx[1] == 1)
    :: else
    fi;
    pause();
    atomic { !lock -> lock = 1 };
    if
    :: HOLE == 2
    :: else -> used = (idx[0] == 1 || idx[1] == 1)
    fi;
    if
    :: used -> lock = 0; paused = 0; goto done
    :: else
    fi;
    dying = 1;
    if
    :: HOLE == 3
    :: else -> listed = 0
    fi;
    /* -ERESTART, and back: the lock is dropped in between. */
    if
    :: lock = 0; paused = 0; pause(); atomic { !lock -> lock = 1 }
    :: skip
    fi;
    life = 0;
    if
    :: HOLE == 5 || HOLE == 7
    :: else -> flush()
    fi;
    there = 0; dying = 0;
    lock = 0; paused = 0;

    /* create, of the same page */
    atomic { !lock -> lock = 1 };
    last++;
    life = last;
    there = 1;
    if
    :: HOLE == 7 -> listed = 1; flush()
    :: HOLE == 5 -> listed = 1
    :: else -> flush(); listed = 1
    fi;
    lock = 0;
done:
    skip
}

init { atomic { run Vcpu(0); run Vcpu(1); run Reply(); run Operator() } }
