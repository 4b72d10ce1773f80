/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log that stops nobody: Xen writes records into a ring that a monitor maps, and
 * tells it by an event channel: mm/altp2m/log.c, docs/log.md.  Here pages are freed
 * when nobody holds a reference; Xen keeps them until the domain ends.
 *
 * A ring of two records, in pages that are freed when nobody holds a reference.
 * Two vCPUs log, each with the lock held.  The monitor is honest, and reads; or it
 * writes whatever it likes to all that is shared.  The log may be closed, and the
 * monitor may unmap it, at any time.
 *
 *   step here                     what it stands for
 *   Writer                        a rule with the flag "log" matches on a vCPU
 *   Reader                        the monitor: reads all there is, then waits
 *   Liar                          a hostile one
 *   Closer                        log_close, views off, the domain's end
 *
 * HOLE, each of which must be found:
 *   1  whether the reader may wait is looked at before the record is published
 *   2  a record is published before it is written
 *   3  Xen goes on from the index in shared memory
 *   4  what is in the ring is not looked at: the oldest record is overwritten
 *   5  a record that is dropped is not counted
 *   6  the log is closed without the lock
 *   7  a mapping holds no reference to the pages
 *   8  the reader takes the event after it has read, not before
 *   9  the lock is not held while a record is written
 *   10  the event that tells of the end is sent before the end can be seen
 *   11  the reader looks at the records first, then whether the log is closed
 */
#ifndef HOLE
#define HOLE 0
#endif

#define SIZE  2

/* Shared memory. */
byte ring[SIZE], s_prod, s_cons, s_lost;
bit s_open = 1;

/* Xen's own. */
byte prod, lost;
bit open = 1, lock, closed;
byte refs;                       /* of the ring's pages */
bit pending;                     /* the monitor's event channel */

byte made, got;                  /* records asked for; read */
byte writers = 2;
bit honest, waits;

inline take() { atomic { !lock || HOLE == 9 -> lock = 1 } }

inline publish() {
    prod = at + 1;
    s_prod = prod
}

inline write() {
    at = (HOLE == 3 -> s_prod : prod);
    cons = s_cons;               /* once: it may be anything, at any time */
    if
    :: (at - cons) > SIZE - 1 || at - cons < 0 ->
       if
       :: HOLE == 4 -> no_room = 0
       :: else -> no_room = 1
       fi
    :: else -> no_room = 0
    fi;
    if
    :: no_room && HOLE != 5 -> lost++; s_lost = lost
    :: no_room && HOLE == 5
    :: else ->
       assert(refs && at == prod);
       drained = (cons == at);
       if
       :: HOLE == 2 -> publish(); ring[at % SIZE] = seq
       :: else -> ring[at % SIZE] = seq; publish()
       fi;
       if
       :: HOLE == 1
       :: else -> drained = (s_cons == at)
       fi;
       if
       :: drained -> pending = 1
       :: else
       fi
    fi
}

proctype Writer(byte times) {
    byte n, at, cons, seq;
    bit no_room, drained;

    do
    :: n < times -> n++;
       take();
       if
       :: open -> made++; seq = made; write()
       :: else
       fi;
       lock = 0
    :: n == times -> break
    od;
    writers--
}

inline unmap() {
    if
    :: HOLE == 7
    :: else -> refs--
    fi
}

proctype Reader() {
    byte last, record;
    bit o;

end:
    do
    :: atomic { pending -> waits = 0 };
       if
       :: HOLE == 8
       :: else -> pending = 0
       fi;
       do
       :: if
          :: HOLE == 11
          :: else -> o = s_open
          fi;
          if
          :: s_cons != s_prod ->
             assert(refs);
             record = ring[s_cons % SIZE];
             assert(record > last);             /* in order, and each once */
             last = record;
             got++;
             s_cons = s_cons + 1
          :: else ->
             if
             :: HOLE == 11 -> o = s_open
             :: else
             fi;
             if
             :: o -> break
             :: else -> assert(s_cons == s_prod); goto done
             fi
          fi
       od;
       if
       :: HOLE == 8 -> pending = 0
       :: else
       fi;
       waits = 1
    :: break
    od;
done:
    unmap()
}

proctype Liar() {
    byte n, what;

    do
    :: n < 3 -> n++;
       assert(refs);
       if
       :: what = 0
       :: what = 1
       :: what = 3
       :: what = 255
       fi;
       if
       :: s_prod = what
       :: s_cons = what
       :: ring[0] = what
       fi
    :: unmap(); break
    od
}

proctype Closer() {
    if
    :: HOLE == 6
    :: else -> take()
    fi;
    open = 0;
    if
    :: HOLE == 10 -> pending = 1; s_open = 0
    :: else -> s_open = 0; pending = 1
    fi;
    closed = 1;
    refs--;
    lock = (HOLE == 6 -> lock : 0)
}

/*
 * Nobody waits while there is something to read, or for a log that is closed; and
 * what is missing is counted.
 */
proctype End() {
end:
    if
    :: atomic { (!writers && open && honest && waits && !pending);
       assert(s_cons == s_prod);
       assert(got + s_lost == made) }
    :: atomic { (closed && honest && waits && !pending);
       assert(false) }
    fi
}

init {
    refs = (HOLE == 7 -> 1 : 2);
    atomic {
        run Writer(2); run Writer(1); run Closer();
        if
        :: honest = 1; waits = 1; run Reader(); run End()
        :: run Liar()
        fi
    }
}
