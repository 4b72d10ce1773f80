/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk of a range, for every range and whatever nodes a view has: each step
 * does a part at the range's beginning, aligned, and nothing beyond its end.
 *
 * Refuted: range-overflow
 */
#include "ops/batch.c"
#include "ops/range.c"
#include "prove.h"

static struct altp2m_node found_node;
static struct range before;
static unsigned long done;

struct altp2m_node *altp2m_lowest_node(struct altp2m_view *view, unsigned long gfn)
{
    found_node.level = any_uint();
    given(found_node.level <= ROOT_LEVEL);
    found_node.gfn = level_base(gfn, found_node.level);

    return &found_node;
}

static void covered(unsigned long gfn, unsigned long count, unsigned int level)
{
    claim(!(gfn & (level_span(level) - 1)), "a step is aligned");
    claim(gfn == before.gfn, "a step begins where the last one ended");
    claim(count && count <= before.count, "a step does not go beyond the end");
    done = count;
}

unsigned int altp2m_override_slots(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, unsigned int nr,
                                   const struct altp2m_change *change)
{
    unsigned int n = any_uint();

    claim(idx < TABLE_ENTRIES && nr, "there is a slot to do");
    /* All that are left in the node, or as many as have no node below. */
    given(n && n <= nr && idx + n <= TABLE_ENTRIES);
    covered(node->gfn + idx * level_span(node->level),
            n * level_span(node->level), node->level);

    return n;
}

int altp2m_override(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change)
{
    covered(gfn, level_span(level), level);
    claim(!level || change->set_target == ALTP2M_KEEP,
          "only single gfns are remapped");

    return any_bool() ? -ENOMEM : 0;
}

void altp2m_settle(struct domain *d)
{
}

int main(void)
{
    struct domain d;
    struct altp2m_view view;
    struct altp2m_change change;
    struct range range;
    int rc;

    range.gfn = any_u64();
    range.count = any_u64();
    given(range.gfn <= MAX_GFN && range.count &&
          range.count <= MAX_GFN + 1 - range.gfn);
    given(change.set_target != ALTP2M_SET);
    before = range;

    rc = step(&d, &view, &range, &change);
    if ( rc )
        claim(range.gfn == before.gfn && range.count == before.count,
              "a step that fails leaves the range");
    else
        claim(range.gfn == before.gfn + done &&
              range.count == before.count - done, "what is done is taken off");

    return 0;
}
