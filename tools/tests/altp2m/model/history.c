/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every store as history: while an operation runs, what a processor would find
 * is looked at after each store.  It has to be what was there before, what is
 * there after, or a fault that comes to Xen, which waits for the lock: never
 * anything between.
 */
#include "model.h"

#define MAX_SEEN 65536u

struct seen {
    uint8_t view, g, rights;
    bool ok, suppress, harmless;
    unsigned long mfn, root;
};

bool history_on;
static struct seen before[NR_VIEWS + 1][NR_GFNS], seen[MAX_SEEN];
static struct expect defined[NR_VIEWS][NR_GFNS];
static unsigned int nr_seen;
static uint8_t used[TABLE_FRAMES];   /* in a walk of the last look */
static uint8_t generation;

/* View NR_VIEWS is the host's own table. */
static unsigned long root_of(unsigned int view)
{
    uint64_t root = root_at(model_domain, view);

    if ( view == NR_VIEWS )
        return mfn_x(p2m_get_hostp2m(model_domain)->phys_table.mfn);

    return root == ~0ULL ? 0 : (root >> 12) & 0xffffffffff;
}

static struct seen look(unsigned int view, unsigned int g)
{
    struct seen s = { .view = view, .g = g, .root = root_of(view) };
    struct walk w;
    unsigned int i;

    if ( !s.root )
        return s;

    w = walk_any(s.root, gfns[g]);
    for ( i = 0; i < 4 - w.level; i++ )
        used[w.table[i]] = generation;
    s.ok = w.end == WALK_OK && w.rights;
    s.rights = s.ok ? w.rights : 0;
    s.mfn = s.ok ? w.mfn : 0;
    s.suppress = w.end == WALK_MISCONFIG || w.suppress || !features.vmx;
    s.harmless = !s.ok && s.suppress;

    return s;
}

static bool same(const struct seen *a, const struct seen *b)
{
    return a->ok == b->ok && a->rights == b->rights && a->mfn == b->mfn &&
           a->suppress == b->suppress && a->root == b->root;
}

static void stored(uint64_t *entry, uint64_t old, uint64_t new)
{
    unsigned int v, g;

    if ( used[table_mfn(entry)] != generation )
        return;

    if ( !++generation )
    {
        memset(used, 0, sizeof(used));
        generation = 1;
    }
    for ( v = 0; v <= NR_VIEWS; v++ )
        for ( g = 0; g < NR_GFNS; g++ )
        {
            struct seen s = look(v, g);

            if ( s.root && !s.harmless && !same(&s, &before[v][g]) &&
                 nr_seen < MAX_SEEN )
                seen[nr_seen++] = s;
        }
}

static bool agrees(const struct seen *s, const struct expect *x)
{
    if ( p2m_is_pod(x->type) )
        return true;
    if ( !s->ok )
        return !x->must && s->suppress == x->sve;

    return s->mfn == x->mfn && !(s->rights & ~x->may) &&
           (s->rights & x->must) == x->must;
}

/*
 * What was pending before may be resolved on the way: then it is right if it
 * was so by definition.
 */
static bool resolved(const struct seen *s)
{
    return before[s->view][s->g].harmless &&
           (s->view == NR_VIEWS || agrees(s, &defined[s->view][s->g]));
}

/*
 * What is right already may be left for a fault to make anew: then it was there
 * for a moment, and is right if it is so by definition.
 */
static bool given_up(const struct seen *s, const struct seen *after)
{
    struct expect x;

    if ( !after->harmless || s->view == NR_VIEWS )
        return false;
    x = oracle(s->view, s->g);

    return agrees(s, &x);
}

void history_begin(void)
{
    unsigned int v, g;

    nr_seen = 0;
    memset(used, 0, sizeof(used));
    generation = 1;
    for ( v = 0; v <= NR_VIEWS; v++ )
        for ( g = 0; g < NR_GFNS; g++ )
        {
            before[v][g] = look(v, g);
            if ( v < NR_VIEWS && before[v][g].root )
                defined[v][g] = oracle(v, g);
        }
    machine.stored = stored;
}

void history_end(void)
{
    unsigned int i;

    machine.stored = NULL;
    for ( i = 0; i < nr_seen; i++ )
    {
        struct seen after = look(seen[i].view, seen[i].g);

        /* A view that is gone, or came in between. */
        if ( after.root != seen[i].root ||
             before[seen[i].view][seen[i].g].root != seen[i].root )
            continue;
        if ( !same(&seen[i], &after) && !resolved(&seen[i]) &&
             !given_up(&seen[i], &after) )
            FAIL("view %u gfn %lx: frame %lx rights %u was there for a moment,"
                 " between frame %lx rights %u and frame %lx rights %u",
                 seen[i].view, gfns[seen[i].g], seen[i].mfn, seen[i].rights,
                 before[seen[i].view][seen[i].g].mfn,
                 before[seen[i].view][seen[i].g].rights, after.mfn,
                 after.rights);
    }
}
