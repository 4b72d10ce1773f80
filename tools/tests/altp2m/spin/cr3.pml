/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views by CR3: two callers replace the records while the vCPU loads CR3 as fast
 * as it can, a monitor turns its events for CR3 on and off, and the vCPU is
 * restored.
 *
 * One vCPU with two CR3s, 1 and 2.  Records 0 are none, 1 give CR3 n view n, 2 the
 * other one.  The CPU has cr3; Xen's word of it, guest_cr[3], is read at exits.
 *
 *   step here                     code
 *   begin, finish                 altp2m_section(): pause, lock; unlock, unpause
 *   Caller                        altp2m_cr3_replace()
 *   exit_or_not                   svm_altp2m_cr3_exits(), which has no lock
 *   load                          hvm_set_cr3(), altp2m_cr3_load()
 *   Restorer                      hvm_load_cpu_ctxt(), altp2m_cr3_set()
 *   Monitor                       monitor_domctl(): pauses, without our lock
 *
 * HOLE, each of which must be found:
 *   1  records are replaced while the vCPU runs
 *   2  records that are replaced move no vCPU
 *   3  writes exit only after the vCPU may run again
 *   4  whether writes are to exit is not looked at again
 *   5  CR3 isn't read at the exit by which the vCPU comes to rest
 *   6  a restored vCPU's view is looked up before the lock is taken
 *   7  writes exit for ever
 */
#ifndef HOLE
#define HOLE 0
#endif

byte records, home, cr3 = 1, guest_cr3 = 1;
bit exits, monitored, lock;
bit runs, entered;               /* on a CPU; in the guest */
byte paused;

#define VIEW(r, c) (((r) == 1) -> (c) : 3 - (c))
#define WANTED     (records || monitored)

inline take() { atomic { !lock -> lock = 1 } }

inline go(r) {
    if
    :: r -> home = VIEW(r, guest_cr3)
    :: else
    fi
}

/* The vCPU reads the records without the lock. */
inline load() {
    guest_cr3 = cr3;
    cr3 = 3 - cr3;
    guest_cr3 = cr3;
    seen = records;
    if
    :: seen && home != VIEW(seen, guest_cr3) -> take(); go(records); lock = 0
    :: else
    fi;
    entered = 1
}

proctype Guest() {
    byte seen;

end:
    do
    :: atomic { !paused && !runs -> runs = 1 }; entered = 1
    :: atomic { entered && !exits -> cr3 = 3 - cr3 }
    :: atomic { entered && exits -> entered = 0 }; load()
    :: atomic { entered -> entered = 0;
       if
       :: HOLE == 5
       :: else -> guest_cr3 = cr3
       fi };
       runs = 0
    :: atomic { entered ->
       assert(!records || home == VIEW(records, cr3));
       assert(exits == WANTED) }
    od
}

inline rest() { paused++; !runs }

/* Another CPU may do the same at the same time: for the other's reason. */
inline exit_or_not() {
    do
    :: was = exits; want = WANTED;
       if
       :: was == want || (HOLE == 7 && !want) -> break
       :: else -> exits = want
       fi;
       if
       :: HOLE == 4 -> break
       :: else
       fi
    od
}

proctype Caller(byte rounds) {
    byte n;
    bit was, want;

    do
    :: n < rounds -> n++;
       if
       :: HOLE == 1
       :: else -> rest()
       fi;
       take();
       if
       :: records = 0
       :: records = 1
       :: records = 2
       fi;
       if
       :: HOLE == 2
       :: else -> go(records)
       fi;
       if
       :: HOLE == 3
       :: else -> exit_or_not()
       fi;
       lock = 0;
       if
       :: HOLE == 1
       :: else -> paused--
       fi;
       if
       :: HOLE == 3 -> exit_or_not()
       :: else
       fi
    :: n == rounds -> break
    od
}

proctype Monitor() {
    bit was, want;

    rest();
    monitored = 1 - monitored;
    exit_or_not();
    paused--
}

proctype Restorer() {
    byte seen;

    rest();
    guest_cr3 = 3 - cr3;
    cr3 = guest_cr3;
    seen = records;
    take();
    if
    :: HOLE == 6 -> go(seen)
    :: else -> go(records)
    fi;
    lock = 0;
    paused--
}

init {
    if
    :: monitored = 1; exits = 1
    :: skip
    fi;
    atomic { run Guest(); run Caller(2); run Caller(1); run Monitor(); run Restorer() }
}
