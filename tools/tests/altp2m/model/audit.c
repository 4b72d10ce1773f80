/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be true of the data structures after each step, whatever it was:
 * every page of the pool is accounted for, every private table mirrors the
 * host's table of its place, and nothing is kept that isn't needed.
 */
#include "step.h"
#include "rules.h"

struct sum {
    unsigned int tables, roots, beside, mirrors, nodes, remaps, own, views;
};

static unsigned int list_length(const struct page_list_head *h)
{
    const struct list_head *l;
    unsigned int n = 0;

    for ( l = h->l.next; l != &h->l; l = l->next )
        n++;

    return n;
}

/* All in the hash, each of which has to be there: their number says it all. */
static void audit_hash(const struct altp2m_domain *a, unsigned int mirrors)
{
    const struct altp2m_node *node, *last;
    struct rb_node *rb;
    unsigned int i, n = 0;

    for ( i = 0; a->mirror && i < PAGE_SIZE / sizeof(*a->mirror); i++ )
        for ( rb = rb_first(&a->mirror[i]), last = NULL; rb; rb = rb_next(rb) )
        {
            node = rb_entry(rb, struct altp2m_node, mirror);
            ASSERT(node->level < ROOT_LEVEL &&
                   !mfn_eq(node->table, INVALID_MFN) &&
                   !mfn_eq(node->host, INVALID_MFN));
            /* Those of one host table are beside each other, in a ring. */
            if ( last && mfn_eq(last->host, node->host) )
                ASSERT(last->view->idx < node->view->idx &&
                       !list_empty(&last->alike));
            last = node;
            n++;
        }
    ASSERT(n == mirrors);
    node = a->mirror ? altp2m_find_mirror((void *)a, a->written, 0) : NULL;
    ASSERT(!a->first || (node && mfn_eq(a->first->host, a->written)));
    for ( n = 0; node; n++ )
    {
        last = node;
        node = list_entry(node->alike.next, struct altp2m_node, alike);
        if ( node == altp2m_find_mirror((void *)a, a->written, 0) )
            node = NULL;
    }
    ASSERT(a->nr_alike == n);
}

/* Does a CPU that walks a side to the node's gfn get to its table there? */
static bool walked_to(const struct altp2m_node *node, enum altp2m_side side)
{
    mfn_t table = node_table(&node->view->root, side);
    unsigned int level;

    for ( level = ROOT_LEVEL; level > node->level; level-- )
    {
        uint64_t e = table_at(mfn_x(table))[level_index(node->gfn, level)];

        if ( !altp2m_points(altp2m_format(), e, level) )
            return false;
        table = altp2m_frame(e);
    }

    return mfn_eq(table, node_table(node, side));
}

/* Have the node and all above it a table for that side? */
static bool has_side_up(const struct altp2m_node *node, enum altp2m_side side)
{
    while ( node->level < ROOT_LEVEL && node_has_side(node, side) )
        node = altp2m_node(node->view, node->gfn, node->level + 1);

    return node_has_side(node, side);
}

static mfn_t host_root(void)
{
    return pagetable_get_mfn(p2m_get_pagetable(p2m_get_hostp2m(model_domain)));
}

/* Is the host's table said to have entries that restrict access, or had them? */
static bool host_restricted(mfn_t table)
{
    return test_bit(_PGT_pinned, &mfn_to_page(table)->u.inuse.type_info);
}

/*
 * A table of the host's which has an entry that restricts access, or leads to one
 * that has, is said to be restricted.  Returns whether this one is said to be.
 */
static bool audit_host(mfn_t table, unsigned int level)
{
    const struct altp2m_format *fmt = altp2m_format();
    const uint64_t *entry = table_at(mfn_x(table));
    bool said = host_restricted(table);
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        bool restricts;

        if ( !(entry[i] & ~fmt->stale) )
            continue;

        if ( altp2m_points(fmt, entry[i], level) )
            restricts = audit_host(altp2m_frame(entry[i]), level - 1);
        else
            restricts = fmt->access(entry[i]) != p2m_access_rwx;
        if ( restricts && !said )
            FAIL("the host's table %lx at level %u is not said to be restricted",
                 mfn_x(table), level);
    }

    return said;
}

struct count {
    unsigned long access, sve;    /* gfns */
    unsigned int remaps;
};

/* How many slots from @i on are the same, by eights: most of a table is. */
static unsigned int same_slots(const struct altp2m_node *node, unsigned int i)
{
    const uint64_t all = node->slot[i] * 0x0101010101010101ULL;
    unsigned int n = i;
    uint64_t eight;

    if ( (i & 7) || (node->slot[i] & (SLOT_CHILD | SLOT_REMAP)) )
        return 1;

    for ( ; n < TABLE_ENTRIES; n += 8 )
    {
        memcpy(&eight, &node->slot[n], sizeof(eight));
        if ( eight != all )
            break;
    }

    return max(n - i, 1u);
}

static void audit_slots(struct altp2m_node *node, struct count *count)
{
    unsigned int i, n, used = 0;

    for ( i = 0; i < TABLE_ENTRIES; i += n )
    {
        altp2m_slot_t slot = node->slot[i];
        unsigned long gfn = node->gfn + i * level_span(node->level);
        unsigned long covered;

        n = same_slots(node, i);
        covered = n * level_span(node->level);
        used += slot ? n : 0;
        count->access += slot & SLOT_ACCESS ? covered : 0;
        count->sve += slot & SLOT_SVE ? covered : 0;
        count->remaps += !!(slot & SLOT_REMAP);
        if ( slot & SLOT_CHILD )
        {
            ASSERT(slot == SLOT_CHILD && node->level);
            ASSERT(altp2m_node(node->view, gfn, node->level - 1));
        }
        if ( slot & SLOT_REMAP )
        {
            ASSERT(!node->level);
            ASSERT(altp2m_remap(node->view, gfn));
        }
    }
    ASSERT(used == node->used);
    /* But a default access may need leaves where the host restricts, or to be
       told at all; and what it has needed is taken out by faults, where there is
       much of it. */
    if ( !used && node->level < ROOT_LEVEL && !node->view->root.seen &&
         (node->view->default_access == NO_DEFAULT ||
          !host_restricted(host_root())) &&
         (node->view->default_access != p2m_access_r_pw ||
          !features.paging_write) )
        FAIL("node at gfn %lx level %u overrides nothing",
             (unsigned long)node->gfn, node->level);
}

/* Where the host's plain RAM is the view's too, in a table that stays mapped. */
static void audit_plain(const struct altp2m_node *node)
{
    const uint64_t *map = table_at(mfn_x(node->table));
    bool plain = arch_mfns_in_directmap(mfn_x(node->table), 1) &&
                 !node_has_side(node, SIDE_EXECUTE) &&
                 !node_has_side(node, SIDE_STEP) &&
                 (node->view->default_access == NO_DEFAULT ||
                  node->view->default_access == p2m_access_rwx);

    ASSERT(!node->plain || node->plain == map);
    if ( altp2m_up_to_date((struct altp2m_node *)node) )
        ASSERT(!!node->plain == plain);
}

static void audit_table(const struct altp2m_domain *a,
                        struct altp2m_node *node, struct sum *sum)
{
    struct altp2m_lookup host;
    mfn_t mirrored = INVALID_MFN;
    unsigned int side;

    if ( mfn_eq(node->table, INVALID_MFN) )
    {
        ASSERT(mfn_eq(node->host, INVALID_MFN));
        ASSERT(node->level || !node->plain);
        for ( side = SIDE_DATA + 1; side < SIDES; side++ )
            ASSERT(!node_has_side(node, side));
        return;
    }

    sum->tables++;
    /* Of the tables that can be given up these are no part. */
    sum->roots += node->level == ROOT_LEVEL;
    for ( side = SIDE_DATA + 1; side < SIDES; side++ )
        if ( node_has_side(node, side) )
        {
            sum->tables++;
            sum->beside++;
            ASSERT(node->view->sided);
            ASSERT(frame_table[mfn_x(node_table(node, side))].used);
        }
    ASSERT(frame_table[mfn_x(node->table)].used);
    if ( node->level < ROOT_LEVEL && !mfn_eq(node->host, INVALID_MFN) )
        sum->mirrors++;
    if ( !mfn_eq(node->view->root.table, INVALID_MFN) &&
         walked_to(node, SIDE_DATA) != altp2m_up_to_date(node) )
        FAIL("the private table at gfn %lx level %u is%s out of date",
             (unsigned long)node->gfn, node->level, altp2m_up_to_date(node) ? " said not to be" : "");
    if ( !node->level )
        audit_plain(node);
    if ( !altp2m_up_to_date(node) )
        return;
    for ( side = SIDE_DATA + 1; side < SIDES; side++ )
        if ( has_side_up(node, side) && !walked_to(node, side) )
            FAIL("the table of side %u at gfn %lx level %u is not walked", side,
                 (unsigned long)node->gfn, node->level);
    if ( node->level == ROOT_LEVEL )
        mirrored = altp2m_host_root(model_domain);
    else
    {
        altp2m_host_lookup(model_domain, node->gfn, node->level + 1, &host);
        if ( host.level == node->level + 1 &&
             altp2m_points(altp2m_format(), host.entry, host.level) )
            mirrored = altp2m_frame(host.entry);
    }
    if ( !mfn_eq(mirrored, node->host) )
        FAIL("the private table at gfn %lx level %u mirrors %lx, not %lx",
             (unsigned long)node->gfn, node->level, mfn_x(node->host),
             mfn_x(mirrored));
}

/* An own page is the domain's, and counts its patched bytes. */
static void audit_own(const struct altp2m_remap *r)
{
    const struct page_info *pg = r->own->page;
    unsigned int i, patched = 0;

    ASSERT(r->target == r->gfn);
    ASSERT(pg->used && pg->special && pg->refs >= 2 && !pg->maps);
    for ( i = 0; i < PAGE_SIZE / BITS_PER_LONG; i++ )
        patched += hweight64(r->own->patched[i]);
    ASSERT(patched && patched == r->own->nr_patched);
}

static void audit_view(const struct altp2m_domain *a, struct altp2m_view *view,
                       struct sum *sum)
{
    struct sum before = *sum;
    struct count count = { };
    struct rb_node *rb;
    unsigned int dormant = 0;

    sum->views++;
    audit_slots(&view->root, &count);
    audit_table(a, &view->root, sum);
    for ( rb = rb_first(&view->nodes); rb; rb = rb_next(rb) )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        sum->nodes++;
        ASSERT(node->view == view && node->level < ROOT_LEVEL);
        ASSERT(altp2m_node(view, node->gfn, node->level) == node);
        ASSERT(altp2m_node(view, node->gfn, node->level + 1)->slot
               [level_index(node->gfn, node->level + 1)] == SLOT_CHILD);
        audit_slots(node, &count);
        audit_table(a, node, sum);
    }
    for ( rb = rb_first(&view->remaps); rb; rb = rb_next(rb) )
    {
        struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap, by_gfn);
        unsigned int level;

        sum->remaps++;
        ASSERT(r->view == view);
        ASSERT(lookup_at(view, r->gfn, &level) & SLOT_REMAP);
        if ( r->own )
            audit_own(r);
        sum->own += !!r->own;
        dormant += r->dormant;
        /* The loss of a dormant one is listed, with its number. */
        ASSERT(!r->dormant || r->number);
    }
    ASSERT(sum->tables - before.tables == view->nr_tables);
    ASSERT(sum->nodes - before.nodes == view->nr_nodes);
    ASSERT(sum->remaps - before.remaps == view->nr_remaps);
    ASSERT(count.remaps == view->nr_remaps);
    ASSERT(sum->own - before.own == view->nr_own);
    ASSERT(dormant == view->nr_dormant);
    if ( count.access != view->access_gfns || count.sve != view->sve_gfns )
        FAIL("view %u overrides access of %lu gfns and #VE of %lu, and says %lu and %lu",
             view->idx, count.access, count.sve, view->access_gfns,
             view->sve_gfns);
}

static void audit_targets(const struct altp2m_domain *a, unsigned int remaps)
{
    const struct altp2m_remap *last = NULL;
    struct rb_node *rb;
    unsigned int n = 0;

    for ( rb = rb_first((struct rb_root *)&a->targets); rb; rb = rb_next(rb) )
    {
        const struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap,
                                                by_target);

        ASSERT(!last || last->target <= r->target);
        last = r;
        n++;
    }
    ASSERT(n == remaps);
    ASSERT(model_domain->arch.altp2m_remaps == !!n);
}

/* Losses are in order, and of remaps that are still there. */
static void audit_losses(const struct altp2m_domain *a)
{
    struct rb_node *rb;
    unsigned long last = 0;

    for ( rb = rb_first((struct rb_root *)&a->losses); rb; rb = rb_next(rb) )
    {
        const struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap, loss);

        ASSERT(r->number > last && r->number <= a->lost);
        ASSERT(altp2m_remap(r->view, r->gfn) == r);
        last = r->number;
    }
}

/* All tables but roots, in the order in which they were made. */
static void audit_tables(const struct altp2m_domain *a, unsigned int tables)
{
    const struct altp2m_node *node;
    unsigned int n = 0;

    list_for_each_entry ( node, &a->tables, cached )
    {
        ASSERT(node_has_table(node) && node->level < ROOT_LEVEL);
        ASSERT(node->made <= a->clock && node->floor <= a->clock);
        n++;
    }
    ASSERT(n == tables && a->front.tables == !!n);
}

/* What is kept of the host's tables is as they are: views follow no others. */
static void audit_kept(const struct altp2m_domain *a)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_walked *w = &a->walked;
    mfn_t table = altp2m_host_root(model_domain);
    bool pending = false;
    unsigned int i;

    for ( i = a->root_entries; i && i < TABLE_ENTRIES; i++ )
        ASSERT(altp2m_hole(fmt, altp2m_read_entry(table, i)));

    for ( i = ROOT_LEVEL; w->valid && i > 1; i-- )
    {
        uint64_t entry = altp2m_read_entry(table, level_index(w->gfn, i));

        ASSERT(altp2m_points(fmt, entry, i));
        pending |= fmt->pending(entry);
        table = altp2m_frame(entry);
    }
    ASSERT(!w->valid ||
           (mfn_eq(table, w->table) && pending == w->pending));
}

/* EPTP lists of vCPUs, of which only those have one that need it. */
static unsigned int audit_lists(const struct altp2m_domain *a)
{
    unsigned int i, idx, lists = 0;

    for ( i = 0; i < NR_VCPUS; i++ )
    {
        const struct altp2m_vcpu *v = &a->vcpu[i];
        const uint64_t *list;

        ASSERT(v->list || bitmap_empty(v->hidden, ALTP2M_MAX_VIEWS) ||
               !cpu_has_vmx_vmfunc);
        if ( !v->list )
            continue;

        lists++;
        list = __map_domain_page(v->list);
        for ( idx = 0; idx < ALTP2M_MAX_VIEWS; idx++ )
            ASSERT(list[idx] == (test_bit(idx, v->hidden)
                                 ? ~0UL : a->eptp_list[idx]));
        unmap_domain_page(list);
    }

    return lists;
}

/* Pages of rules: only views have them, and what they name is there. */
static unsigned int audit_rules(const struct altp2m_domain *a)
{
    unsigned int i, idx, pages = 0;

    for ( i = 0; a->rules && i < ALTP2M_MAX_VIEWS; i++ )
    {
        const struct altp2m_rules *rules = a->rules[i];

        if ( !rules )
            continue;

        pages++;
        ASSERT(view_at(model_domain, i));
        ASSERT(rules->nr && rules->nr <= XEN_ALTP2M_MAX_RULES);
        for ( idx = 0; idx < ALTP2M_MAX_VIEWS; idx++ )
            ASSERT(!test_bit(idx, rules->named) || view_at(model_domain, idx));
    }

    return pages;
}

void audit(void)
{
    const struct domain *d = model_domain;
    const struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    const struct altp2m_domain *a = d->arch.altp2m;
    unsigned int host = list_length(&hp2m->pages), spare = 0, held = 0, i;
    const struct list_head *l;
    unsigned int rules;
    struct sum sum = { };
    bool dying = false;

    ASSERT(!hp2m->lock.depth && !hp2m->defer_flush && !hp2m->need_flush);
    ASSERT(!machine.maps);
    /* What Xen's debug build can map at once for a PV dom0's vCPU. */
    ASSERT(machine.max_maps <= 16);
    if ( trace->verdict )
        FAIL("%s", trace->verdict);
    audit_host(host_root(), ROOT_LEVEL);

    if ( !a )
    {
        ASSERT(machine.pool_used == host + ref_log_pages());
        return;
    }

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_any_view(a, i);

        if ( view && view->dying )
            dying = true;
        else if ( view )
        {
            audit_view(a, view, &sum);
            ASSERT(!i || mfn_eq(view->spare, INVALID_MFN) !=
                         mfn_eq(view->root.table, INVALID_MFN));
            spare += !mfn_eq(view->spare, INVALID_MFN);
        }
    }
    for ( l = a->held.next; l != &a->held; l = l->next )
        held++;
    ASSERT(altp2m_settled(hp2m));
    ASSERT(machine.pool_used == host + a->nr_pages + ref_log_pages());
    /* One that is half destroyed is looked at when it is gone. */
    if ( dying )
        return;

    ASSERT(!a->limit || altp2m_any_view(a, a->limit - 1));
    audit_hash(a, sum.mirrors);
    audit_targets(a, sum.remaps);
    audit_losses(a);
    audit_tables(a, sum.tables - sum.roots - sum.beside);
    audit_kept(a);
    rules = audit_rules(a);
    ASSERT(!a->use_reserve);
    ASSERT(a->nr_reserve == list_length(&a->reserve));
    ASSERT(a->nr_reserve <= a->reserve_size);
    ASSERT(a->nr_pages == sum.tables + spare + audit_lists(a) + a->nodes.pages +
                          a->nr_reserve +
                          a->remaps.pages + a->views.pages + a->own.pages +
                          sum.own + held + rules);
    ASSERT(machine.global_maps == a->nodes.pages + a->remaps.pages +
                                  a->views.pages + a->own.pages + rules +
                                  ref_log_pages());
    ASSERT((a->own.pages != 0) == (sum.own + held != 0));
    ASSERT(list_empty(&a->owed.own));
    ASSERT((a->nodes.pages != 0) == (sum.nodes != 0));
    ASSERT((a->remaps.pages != 0) == (sum.remaps != 0));
}
