/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view's private copy of a table, against the host's writes to the table it
 * mirrors, while a processor walks without the lock.
 *
 * Three pages hold tables of one entry: page 0 is the host's, 1 and 2 are free
 * or private.  The view's entry leads to one of them.  A processor may keep
 * that entry (its paging structure cache) and what it found below (its TLB).
 *
 *   step here                     code
 *   host write                    atomic_write_ept_entry() and the call it makes
 *                                 to altp2m_ept_changed()
 *   make private                  altp2m_split(): altp2m_attach(), altp2m_sync()
 *   give up                       node_merge() or drop_tables(), altp2m_settle()
 *   flush                         altp2m_settle()
 *
 * All three are made with the lock held, so they are one process.
 *
 * HOLE, each of which must be found:
 *   1  a private table is linked before it is filled
 *   2  a host write doesn't reach the private table
 *   3  it does, but only after the flush
 *   4  a private table that is given up is free before the flush
 *   5  ... and while the view's entry still leads to it
 *   6  the private table is filled from what the host had before it changed
 *   7  no flush for a private table that replaces the shared one
 */
#ifndef HOLE
#define HOLE 0
#endif
#define OPS 4

#define FREE 3                   /* what a table has that isn't one any more */
#define STALE 4                  /* faults, and Xen makes it good: harmless */

byte page[3];                    /* the entry of each page: a frame, or above */
byte link;                       /* page that the view's entry leads to */
byte psc = 3, tlb = 5;           /* 3 and 5: nothing */
bit dead[6];
bit gone;                        /* INVEPT has to come before the next access */

/* Leads through what is remembered, to what is remembered. */
proctype Walker() {
    byte p, f;
end:
    do
    :: atomic { psc == 3 -> psc = link }
    :: atomic { psc != 3 && tlb == 5 ->
       f = page[psc];
       assert(f != FREE);        /* walks what is no table */
       if
       :: f != STALE -> tlb = f
       :: else
       fi;
       f = 0 }
    :: atomic { tlb != 5 -> assert(!dead[tlb]) }
    od
}

/* Every processor is out and invalidates before it is back: one step here. */
inline flush() { atomic { psc = 3; tlb = 5 } }

inline host_write() {
    old = page[0];
    page[0] = 1 - old;           /* two frames, in turn */
    if
    :: link != 0 && HOLE != 2 && HOLE != 3 -> page[link] = 1 - old
    :: else
    fi;
    flush();
    if
    :: link != 0 && HOLE == 3 -> page[link] = 1 - old
    :: else
    fi;
    dead[old] = 1;               /* given back, and ... */
    dead[old] = 0;               /* ... the guest's again, for the next time */
}

inline make_private() {
    old = page[0];
    if
    :: HOLE == 1 -> link = new; page[new] = page[0]
    :: HOLE == 6 -> page[new] = 1 - page[0]; link = new
    :: else -> page[new] = page[0]; link = new
    fi;
    if
    :: HOLE == 7
    :: else -> flush()
    fi;
    new = 3 - new
}

inline give_up() {
    old = link;
    if
    :: HOLE == 5 -> page[old] = FREE; link = 0; flush()
    :: HOLE == 4 -> link = 0; page[old] = FREE; flush()
    :: else -> link = 0; flush(); page[old] = FREE
    fi
}

proctype Operator() {
    byte n, old, new = 1;
    do
    :: n < OPS ->
       n++;
       if
       :: host_write()
       :: link == 0 -> make_private()
       :: link != 0 -> give_up()
       fi;
       /* The definition: the view shows what the host has. */
       assert(page[link] == page[0]);
       assert(tlb == 5 || tlb == page[0]);
       /* Nothing of a page that isn't the view's is kept. */
       assert(psc == 3 || psc == link)
    :: else -> break
    od
}

init { page[1] = FREE; page[2] = FREE; atomic { run Walker(); run Operator() } }
