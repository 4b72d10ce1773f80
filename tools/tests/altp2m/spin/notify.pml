/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two callers turn #VE of a vCPU on and off, and views off and on, at the same
 * time, and the domain may be destroyed; the vCPU's CPU writes to the information
 * page that it was told of, and reads the list of EPTPs.
 *
 * One vCPU; a page of information for each caller.  The callers are other vCPUs:
 * this one is only marked, and its CPU told when it comes to run again.
 *
 *   step here                     code
 *   get, put                      check_get_page_from_gfn(), put_page()
 *   begin, finish                 altp2m_section(): pause, lock; unlock, unpause
 *   mark                          altp2m_vcpu_sync()
 *   enable, disable               altp2m_op_notify_on(), altp2m_op_notify_off()
 *   all_off                       disable(): altp2m_vcpu_off(), domain_free()
 *   Killer                        domain_kill(), altp2m_teardown()
 *   runs, told, entered           vmx_do_resume(), vmx_altp2m_resume(), VMLAUNCH
 *
 * HOLE, each of which must be found:
 *   1  whether views are on is seen before the lock is taken
 *   2  the vCPU is marked after it may run again
 *   3  when views go off the page stays
 *   4  who fails keeps the reference to its page
 *   5  whether there is a page already is seen before the lock is taken
 *   6  it isn't seen that the domain dies
 *   7  the vCPU isn't paused
 *   8  it isn't seen that the vCPU is marked
 *   9  the CPU is told before the vCPU counts as running
 */
#ifndef HOLE
#define HOLE 0
#endif

bit on = 1, list, dying, torn, lock;
bit runs, entered;               /* on a CPU; in the guest */
byte paused, done;
byte refs[3];                    /* of the pages of callers 1 and 2 */
byte page;                       /* veinfo_pg: 0 for none */
bit stale;                       /* the mark */
byte told_page;                  /* in the VMCS */
bit told_list;

inline tell() {
    if
    :: stale && HOLE != 8 -> stale = 0; told_page = page; told_list = (page != 0)
    :: else
    fi
}

proctype Guest() {
end:
    do
    :: !runs ->
       if
       :: HOLE == 9 -> tell()
       :: else
       fi;
end_torn:
       atomic { !paused && !torn -> runs = 1 };
       tell();
       entered = 1
    :: atomic { entered -> entered = 0; runs = 0 }
    :: atomic { entered ->
       assert(told_page == page);
       assert(!told_page || refs[told_page]);       /* written to, yet given back */
       assert(!told_list || list) }                 /* read, yet freed */
    od
}

inline begin() {
    if
    :: HOLE == 7
    :: else -> paused++; !runs
    fi;
    atomic { !lock -> lock = 1 }
}

inline finish() {
    lock = 0;
    if
    :: HOLE == 7
    :: else -> paused--
    fi
}

inline mark() { stale = 1 }

inline enable() {
    refs[me]++;
    seen_on = on; seen_page = page;
    begin();
    if
    :: HOLE == 1
    :: else -> seen_on = on
    fi;
    if
    :: HOLE == 5
    :: else -> seen_page = page
    fi;
    ok = seen_on && !seen_page && (!dying || HOLE == 6);
    if
    :: ok -> page = me; list = 1; mark(); finish()
    :: else -> finish()
    fi;
    if
    :: ok || HOLE == 4
    :: else -> refs[me]--
    fi
}

inline forget() {
    was = page;
    page = 0;
    if
    :: HOLE == 2
    :: else -> mark()
    fi;
    if
    :: was -> refs[was]--
    :: else
    fi
}

inline mark_late() {
    if
    :: HOLE == 2 -> mark()
    :: else
    fi
}

inline all_off() {
    on = 0;
    if
    :: HOLE == 3
    :: else -> forget()
    fi;
    list = 0
}

proctype Caller(byte me) {
    byte n, was, seen_page;
    bit seen_on, ok;

    do
    :: n < 2 -> n++;
       if
       :: true -> enable()
       :: true -> begin();
          if
          :: on && !dying -> forget()
          :: else
          fi;
          finish();
          mark_late()
       :: true -> begin();
          if
          :: on && !dying -> all_off()
          :: !on && (!dying || HOLE == 6) -> on = 1
          :: else
          fi;
          finish();
          mark_late()
       fi
    :: n == 2 -> break
    od;
    done++
}

proctype Killer() {
    byte was;

    if
    :: paused++; !runs; dying = 1;
       atomic { !lock -> lock = 1 };
       forget();
       on = 0; list = 0;
       torn = 1;
       lock = 0
    :: skip
    fi;
    done++
}

/* At the end a page is held if the CPU knows it, and only then. */
proctype End() {
    done == 3;
    assert(refs[1] == (page == 1) && refs[2] == (page == 2));
    assert(stale || runs || told_page == page);
    assert(on || !page);
    assert(!torn || !page)
}

init {
    atomic { run Guest(); run Caller(1); run Caller(2); run Killer(); run End() }
}
