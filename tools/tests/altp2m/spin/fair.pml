/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest makes operations on its own views without end, on all its vCPUs, while
 * dom0 makes one: how many locked sections does it let pass?  Two for each other
 * processor while it is in the queue: those before it, and then each may overtake
 * once.  A vCPU that is told to pause begins no other one.
 *
 * Two vCPUs and dom0, each on a processor of its own.  The host p2m lock is
 * Xen's read-write lock, taken for writing: a word that is taken at once if it is
 * free, else a queue by tickets, whose head marks the word as waited for.  Nobody
 * takes a word that is marked but the head.  Before that the head can be
 * overtaken, by who finds the word free; who has had the lock comes back later
 * than that, as the way out of a hypercall and into the next takes longer than
 * a turn of the loop that the head spins in.
 *
 *   step here                     code
 *   take                          _write_lock(), queue_write_lock_slowpath()
 *   section                       an operation, up to where it can be preempted
 *   told                          vcpu_pause(): a softirq is pending
 *   at rest                       vcpu_sleep_sync() has waited for it
 *   dom0, first                   domain_pause_except_self(): destroy, switch, off
 *   dom0, second                  create, and all that pause nobody
 *
 * HOLE, each of which must be found:
 *   1  those that wait are in no order
 *   2  who has had the lock is back before the head looks
 *   3  an operation doesn't ask whether it should be preempted
 */
#ifndef HOLE
#define HOLE 0
#endif

#define FREE    0
#define MARKED  1
#define TAKEN   2
#define DOM0    2
#define OTHERS  2                /* that may want the lock */

byte word, serving, next;
bit waits[3];                    /* in the queue */
byte passed[3];                  /* sections of others, meanwhile */
bit late[3];                     /* had the lock, and isn't back yet */
bit told[2], rest[2], done;
byte after[2];                   /* sections begun since told */

inline take(c) {
    if
    :: atomic { word == FREE && !late[c] -> word = TAKEN }
    :: atomic { word != FREE || late[c] ->
       ticket = next; next = (next + 1) % 4; passed[c] = 0; waits[c] = 1 };
       if
       :: HOLE == 1 -> atomic { word == FREE -> word = TAKEN; waits[c] = 0 }
       :: HOLE != 1 -> serving == ticket;
          atomic { word == FREE -> word = MARKED };
          atomic { word == MARKED -> word = TAKEN; waits[c] = 0 }
       fi;
       atomic { late[0] = 0; late[1] = 0; late[2] = 0;
                serving = (serving + 1) % 4 }
    fi
}

inline section(c) {
    d_step {
        i = 0;
        do
        :: i < 3 && i != c && waits[i] -> passed[i]++; i++
        :: i < 3 && (i == c || !waits[i]) -> i++
        :: i == 3 -> break
        od;
        i = 0
    };
    assert(passed[0] <= 2 * OTHERS && passed[1] <= 2 * OTHERS &&
           passed[2] <= 2 * OTHERS)
}

inline drop(c) {
    atomic { word = FREE;
             if
             :: next != serving && HOLE != 2 -> late[c] = 1
             :: else
             fi }
}

proctype Vcpu(byte c) {
    byte ticket, i;

    do
    :: atomic { done || (told[c] && HOLE != 3) -> rest[c] = 1 }; break
    :: atomic { !done && (!told[c] || HOLE == 3) ->
       if
       :: told[c] -> after[c]++
       :: else
       fi };
       assert(after[c] <= 1);
       take(c);
       section(c);
       drop(c)
    od
}

proctype Dom0() {
    byte ticket, i;

    if
    :: told[0] = 1; rest[0]; told[1] = 1; rest[1]
    :: true
    fi;
    take(DOM0);
    section(DOM0);
    done = 1;
    drop(DOM0)
}

init {
    atomic { run Vcpu(0); run Vcpu(1); run Dom0() }
}
