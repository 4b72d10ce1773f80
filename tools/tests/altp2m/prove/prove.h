/* SPDX-License-Identifier: GPL-2.0-only */
/* What the proofs share.  CBMC takes a variable without a value for any value. */
#ifndef PROVE_H
#define PROVE_H

#define given(condition)       __CPROVER_assume(condition)
#define claim(condition, text) __CPROVER_assert(condition, text)

static inline uint64_t any_u64(void) { uint64_t v; return v; }
static inline unsigned int any_uint(void) { unsigned int v; return v; }
static inline unsigned int any_up_to(unsigned int most)
{
    unsigned int v;

    given(v <= most);

    return v;
}

static inline int any_int(void) { int v; return v; }
static inline bool any_bool(void) { return any_uint() & 1; }

/* A memory type that an EPT entry can have, or none as the frame is no RAM. */
static inline int any_memory_type(void)
{
    int type = any_int();

    given(type >= -1 && type < 8 && type != 2 && type != 3);

    return type;
}

/* An access that can be set. */
static inline p2m_access_t any_access(unsigned int rights)
{
    unsigned int access = any_up_to(p2m_access_n2rwx);

    given(rights >> access & 1);

    return access;
}

/* A page of the host's, and a gfn in it. */
static inline struct altp2m_lookup any_source(void)
{
    struct altp2m_lookup src = {
        .entry = any_u64(), .gfn = any_u64(), .level = any_up_to(2),
        .pending = any_bool(), .remapped = any_bool(),
    };

    given(src.gfn <= MAX_GFN);

    return src;
}

/* The frame that a leaf at @level is to have, of a host's page at @frame. */
static inline unsigned long frame_wanted(unsigned long frame,
                                         const struct altp2m_lookup *src,
                                         unsigned int level)
{
    return frame + ((src->gfn & (level_span(src->level) - 1)) &
                    ~(level_span(level) - 1));
}

#endif
