/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots of nodes, for every slot and change: what a change leaves of a slot, what
 * a view counts, and that splitting an entry and merging it again changes nothing.
 *
 * Refuted: count-split count-merge split-forgets split-short
 */
#include "tree.c"
#include "nodes.c"
#include "change.c"
#include "prove.h"

static struct domain d;
static struct altp2m_domain a;
static struct altp2m_view view;
static struct altp2m_node fresh;

void *altp2m_alloc(struct domain *dom, struct altp2m_slab *slab)
{
    fresh = (struct altp2m_node){ };

    return any_bool() ? &fresh : NULL;
}

int altp2m_attach(struct domain *dom, struct altp2m_node *node)
{
    return any_bool() ? -ENOMEM : 0;
}

void altp2m_free(struct domain *dom, struct altp2m_slab *slab, void *obj) { }
void altp2m_detach(struct domain *dom, struct altp2m_node *node) { }
void altp2m_not_lent(struct altp2m_domain *dom, struct altp2m_node *node) { }
bool altp2m_sync(struct domain *dom, struct altp2m_node *node, unsigned int idx)
{
    return any_bool();
}

/* There is one node at most. */
void rb_insert_color(struct rb_node *node, struct rb_root *root) { }
void rb_erase(struct rb_node *node, struct rb_root *root)
{
    root->rb_node = NULL;
}

static altp2m_slot_t any_slot(void)
{
    altp2m_slot_t slot = any_uint();

    given((slot & SLOT_ACCESS) <= p2m_access_n2rwx + 1);
    given((slot & SLOT_SVE) != 0x10 &&
          (!(slot & SLOT_CHILD) || slot == SLOT_CHILD));

    return slot;
}

static struct altp2m_change any_change(void)
{
    return (struct altp2m_change){
        .set_access = any_up_to(ALTP2M_SET), .set_sve = any_up_to(ALTP2M_SET),
        .set_target = any_up_to(ALTP2M_SET),
        .access = any_up_to(p2m_access_n2rwx), .sve = any_bool(),
    };
}

static void changes(void)
{
    altp2m_slot_t slot = any_slot(), new;
    struct altp2m_change c = any_change();
    p2m_access_t host = any_uint();

    given(!(slot & SLOT_CHILD));
    new = altp2m_slot_after(slot, &c);
    claim(!(new & SLOT_CHILD), "a change makes no node");
    claim(c.set_access != ALTP2M_KEEP || !((slot ^ new) & SLOT_ACCESS),
          "access is kept");
    claim(c.set_access != ALTP2M_CLEAR || !(new & SLOT_ACCESS),
          "access is cleared");
    claim(c.set_access != ALTP2M_SET || slot_access(&view, new, host) == c.access,
          "access is what was set");
    claim(c.set_sve != ALTP2M_KEEP || !((slot ^ new) & SLOT_SVE),
          "suppress-#VE is kept");
    claim(c.set_sve != ALTP2M_CLEAR || !(new & SLOT_SVE),
          "suppress-#VE is cleared");
    claim(c.set_sve != ALTP2M_SET ||
          ((new & SLOT_SVE) && slot_sve(new) == !!c.sve),
          "suppress-#VE is what was set");
    claim(c.set_target != ALTP2M_KEEP || !((slot ^ new) & SLOT_REMAP),
          "a remap is kept");
    claim(c.set_target != ALTP2M_CLEAR || !(new & SLOT_REMAP),
          "a remap is cleared");
    claim(c.set_target != ALTP2M_SET || (new & SLOT_REMAP), "a remap is set");
    claim(altp2m_slot_after(new, &c) == new, "the same change twice is one");
}

/* A node of which all slots but one say nothing. */
static void counters(void)
{
    struct altp2m_node node = { .view = &view };
    altp2m_slot_t old = any_slot(), new = any_slot();
    unsigned int idx = any_uint();
    unsigned long gfns, access = view.access_gfns, sve = view.sve_gfns;

    node.level = any_uint();
    given(node.level <= ROOT_LEVEL && idx < TABLE_ENTRIES);
    gfns = level_span(node.level);
    node.slot[idx] = old;
    node.used = !!old;

    altp2m_put_slot(&node, idx, new);
    claim(node.slot[idx] == new && node.used == !!new, "used slots are counted");
    claim(view.access_gfns == access + (new & SLOT_ACCESS ? gfns : 0) -
                              (old & SLOT_ACCESS ? gfns : 0),
          "gfns with an access of their own are counted");
    claim(view.sve_gfns == sve + (new & SLOT_SVE ? gfns : 0) -
                           (old & SLOT_SVE ? gfns : 0),
          "gfns with #VE of their own are counted");
}

static void split_and_merge(void)
{
    struct altp2m_node *node;
    altp2m_slot_t slot = any_slot();
    unsigned int idx = any_uint(), i = any_uint();
    unsigned long access = view.access_gfns, sve = view.sve_gfns;
    unsigned int nodes = view.nr_nodes;

    given(idx < TABLE_ENTRIES && i < TABLE_ENTRIES);
    given(!(slot & (SLOT_CHILD | SLOT_REMAP)));
    view.root = (struct altp2m_node){ .view = &view, .level = ROOT_LEVEL };
    view.nodes.rb_node = NULL;
    view.hint = NULL;
    view.root.slot[idx] = slot;
    view.root.used = !!slot;
    INIT_LIST_HEAD(&a.lent);
    a.use_reserve = false;

    node = altp2m_split(&d, &view.root, idx, 0);
    if ( node )
    {
        claim(view.root.slot[idx] == SLOT_CHILD && view.root.used == 1,
              "the node is told in its parent");
        claim(node->slot[i] == slot, "all slots say what the entry said");
        claim(node->used == (slot ? TABLE_ENTRIES : 0), "and are counted");
        claim(node->gfn == idx * level_span(ROOT_LEVEL) &&
              node->level == ROOT_LEVEL - 1, "the node is of that entry");
        claim(altp2m_uniform(node), "a split entry can be merged");
        claim(view.access_gfns == access && view.sve_gfns == sve,
              "splitting changes no count of gfns");
        altp2m_merge(&d, node);
    }
    claim(view.root.slot[idx] == slot && view.root.used == !!slot,
          "the entry says what it said");
    claim(view.access_gfns == access && view.sve_gfns == sve &&
          view.nr_nodes == nodes, "the view counts what it counted");
}

static void uniformity(void)
{
    struct altp2m_node node;
    unsigned int i = any_uint();

    given(i < TABLE_ENTRIES && node.used == TABLE_ENTRIES);
    if ( altp2m_uniform(&node) )
        claim(node.slot[i] == node.slot[0] &&
              !(node.slot[i] & (SLOT_CHILD | SLOT_REMAP)),
              "slots that are alike are alike");
}

int main(void)
{
    d.arch.altp2m = &a;
    view.default_access = any_uint();
    view.access_gfns = any_u64();
    view.sve_gfns = any_u64();
    view.nr_nodes = any_uint();
    changes();
    counters();
    split_and_merge();
    uniformity();

    return 0;
}
