/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames, the paging pool, mappings, the host p2m lock, and the hook that every
 * whole store of a table entry goes through.
 *
 * A free frame is poisoned for the address sanitizer, so nothing reads it.
 */
#include <sys/mman.h>

#include "model.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p))
#endif

struct machine machine;
struct page_info *frame_table;
char *table_memory;
/* Frames that were given back; taken in turn, so that they are used again. */
static struct page_list_head free_frames, free_own;
/* Was an entry made to lead to this frame since it was taken? */
static bool linked[TABLE_FRAMES];

static unsigned long links_version = 1;
/* Entries that lead to a table, or did. */
static struct parents {
    unsigned int nr, room;
    const uint64_t **entry;
} parents[TABLE_FRAMES];
static struct { unsigned long version; bool yes; } reached[TABLE_FRAMES];

static void *reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if ( p == MAP_FAILED )
        FAIL("no memory for the test itself");

    return p;
}

/* Frames that hold no tables have content: zeroes at first. */
static char *data_memory;
static unsigned long *touched;
static unsigned int nr_touched, room_touched;

static void forget_data(void)
{
    while ( nr_touched )
        frame_table[touched[--nr_touched]].touched = false;
}

uint8_t *data_at(unsigned long mfn)
{
    struct page_info *pg = &frame_table[mfn];

    ASSERT(mfn >= TABLE_FRAMES && mfn < MFN_LIMIT);
    if ( mfn - MFN_OWN < OWN_FRAMES && !pg->used )
        FAIL("frame %lx is used, but is free", mfn);
    if ( !pg->touched )
    {
        memset(data_memory + mfn * PAGE_SIZE, 0, PAGE_SIZE);
        pg->touched = true;
        if ( nr_touched == room_touched )
            touched = realloc(touched, (room_touched += 64) * sizeof(*touched));
        touched[nr_touched++] = mfn;
    }

    return (uint8_t *)data_memory + mfn * PAGE_SIZE;
}

/* A process that does this first has its children share it as long as they can. */
void machine_reserve(void)
{
    unsigned long i;

    if ( frame_table )
        return;

    frame_table = reserve((MFN_MMIO + 0x1000) * sizeof(*frame_table));
    table_memory = reserve(TABLE_FRAMES * PAGE_SIZE);
    data_memory = reserve(MFN_LIMIT * PAGE_SIZE);
    INIT_PAGE_LIST_HEAD(&free_frames);
    INIT_PAGE_LIST_HEAD(&free_own);
    for ( i = 0; i < OWN_FRAMES; i++ )
        page_list_add_tail(&frame_table[MFN_OWN + i], &free_own);
    /* Frame 0 is none's: an entry of zero must not lead anywhere. */
    for ( i = 1; i < TABLE_FRAMES; i++ )
        page_list_add_tail(&frame_table[i], &free_frames);
    ASAN_POISON_MEMORY_REGION(table_memory, TABLE_FRAMES * PAGE_SIZE);
}

void machine_init(unsigned int pool)
{
    machine_reserve();
    machine = (struct machine){ .pool_limit = pool };
    forget_data();
}

void machine_pool(unsigned int limit)
{
    machine.pool_limit = limit;
}

/* Is this allocation one that a test wants to fail? */
bool machine_refuse(void)
{
    machine.allocs++;
    if ( machine.fail_at && !--machine.fail_at )
    {
        machine.refused++;
        return true;
    }

    return false;
}

/* A page is taken for the p2m, or (-1) given back: as hap.c counts it. */
static void pool_count(struct domain *d, int taken)
{
    machine.pool_used += taken;
    d->arch.paging.hap.p2m_pages += taken;
    d->arch.paging.hap.total_pages -= taken;
    d->arch.paging.hap.free_pages -= taken;
}

static struct page_info *pool_alloc(struct domain *d)
{
    struct page_info *pg;

    ASSERT(!machine.paging_locked);

    if ( machine_refuse() )
        return NULL;

    if ( machine.pool_used >= machine.pool_limit ||
         !(pg = page_list_remove_head(&free_frames)) )
    {
        machine.refused++;
        return NULL;
    }

    ASSERT(!pg->used && !pg->maps);
    pg->used = true;
    pg->u.inuse.type_info = ~0UL;
    pool_count(d, 1);
    ASAN_UNPOISON_MEMORY_REGION(table_memory + (pg - frame_table) * PAGE_SIZE,
                                PAGE_SIZE);
    memset(table_memory + (pg - frame_table) * PAGE_SIZE, 0, PAGE_SIZE);

    return pg;
}

/* What was in such a page is nothing that a table may hold. */
struct page_info *hap_alloc_table(struct domain *d)
{
    struct page_info *pg = pool_alloc(d);

    if ( pg )
        memset(table_memory + (pg - frame_table) * PAGE_SIZE, 0xa5, PAGE_SIZE);

    return pg;
}

/* It is nobody's table any more: no CPU may walk to it. */
static void forget(unsigned long mfn)
{
    ASSERT(mfn < TABLE_FRAMES);
    trace_free(linked[mfn]);
    linked[mfn] = false;
    reached[mfn].version = 0;
    parents[mfn].nr = 0;
}

/* What views put by is free like what they give back: it becomes anything. */
void page_list_add_tail(struct page_info *pg, struct page_list_head *h)
{
    const struct altp2m_domain *a = model_domain ? model_domain->arch.altp2m
                                                 : NULL;

    if ( a && h == &a->reserve )
        forget(mfn_x(page_to_mfn(pg)));
    list_add_tail(&pg->list, &h->l);
}

unsigned int hap_alloc_tables(struct domain *d, struct page_list_head *list,
                              unsigned int nr)
{
    struct page_info *pg;
    unsigned int got;

    for ( got = 0; got < nr && (pg = hap_alloc_table(d)); got++ )
        page_list_add_tail(pg, list);

    return got;
}

static void free_frame(struct page_info *pg)
{
    unsigned long mfn = mfn_x(page_to_mfn(pg));

    forget(mfn);
    pg->used = false;
    /* Last freed, first used: that is how stale translations get harmful. */
    list_add(&pg->list, &free_frames.l);
    ASAN_POISON_MEMORY_REGION(table_memory + mfn * PAGE_SIZE, PAGE_SIZE);
}

static void pool_free(struct domain *d, struct page_info *pg)
{
    unsigned long mfn = mfn_x(page_to_mfn(pg));

    ASSERT(!machine.paging_locked);
    ASSERT(mfn < TABLE_FRAMES);
    if ( !pg->used )
        FAIL("frame %lx is freed twice", mfn);
    if ( pg->maps )
        FAIL("frame %lx is freed while mapped", mfn);

    pool_count(d, -1);
    free_frame(pg);
}

/* The heap has the frame, and the pool is charged. */
bool hap_lend_page(struct domain *d)
{
    struct page_info *pg = hap_alloc_table(d);

    if ( pg )
        free_frame(pg);

    return pg;
}

void hap_return_page(struct domain *d)
{
    pool_count(d, -1);
    /* The heap has none: the pool is smaller. */
    if ( d->is_dying || machine_refuse() )
    {
        d->arch.paging.hap.total_pages--;
        d->arch.paging.hap.free_pages--;
        machine.pool_limit -= machine.pool_limit > machine.pool_used;
    }
}

bool hap_free_tables(struct domain *d, struct page_list_head *list,
                     unsigned int nr)
{
    struct page_info *pg;

    if ( d->is_dying )
        return false;

    for ( ; (pg = page_list_remove_head(list)); nr-- )
        pool_free(d, pg);
    ASSERT(!nr);

    return true;
}

/* The same numbers in each run. */
unsigned int get_random(void)
{
    static unsigned int seed = 1;

    seed = seed * 1103515245 + 12345;

    return seed >> 8;
}

void paging_init(struct domain *d);
void paging_init(struct domain *d)
{
    d->arch.paging.alloc_page = pool_alloc;
    d->arch.paging.free_page = pool_free;
    d->arch.paging.hap.total_pages = TABLE_FRAMES;
    d->arch.paging.hap.free_pages = TABLE_FRAMES;
}

uint64_t *table_at(unsigned long mfn)
{
    if ( mfn >= TABLE_FRAMES || !frame_table[mfn].used )
        FAIL("frame %lx is walked, but holds no table", mfn);

    return (uint64_t *)(table_memory + mfn * PAGE_SIZE);
}

unsigned long table_mfn(const void *p)
{
    unsigned long off = (const char *)p - table_memory;

    return off < TABLE_FRAMES * PAGE_SIZE ? off / PAGE_SIZE : 0;
}

void *map_domain_page(mfn_t mfn)
{
    void *p;

    p = mfn_x(mfn) >= TABLE_FRAMES ? (void *)data_at(mfn_x(mfn))
                                   : table_at(mfn_x(mfn));
    if ( mfn_x(mfn) >= TABLE_FRAMES )
        visits_page();

    frame_table[mfn_x(mfn)].maps++;
    machine.maps++;
    machine.max_maps = max(machine.max_maps, machine.maps);

    return p;
}

/* The frame that is mapped at @p, or 0. */
static unsigned long frame_of(const void *p)
{
    unsigned long mfn = table_mfn(p);
    unsigned long off = (const char *)p - data_memory;

    return !mfn && off < MFN_LIMIT * PAGE_SIZE ? off / PAGE_SIZE : mfn;
}

void unmap_domain_page(const void *p)
{
    unsigned long mfn = frame_of(p);

    if ( !mfn || !frame_table[mfn].maps )
        FAIL("what is unmapped isn't mapped");
    frame_table[mfn].maps--;
    machine.maps--;
}

/* What is mapped for long is no table, though it may have been one: of a view's
   reserve, to which tables go once they are flushed. */
void *map_domain_page_global(mfn_t mfn)
{
    if ( machine_refuse() )
        return NULL;

    machine.global_maps++;
    frame_table[mfn_x(mfn)].maps++;
    if ( mfn_x(mfn) >= TABLE_FRAMES )
        return data_at(mfn_x(mfn));
    linked[mfn_x(mfn)] = false;

    return table_at(mfn_x(mfn));
}

void unmap_domain_page_global(const void *p)
{
    frame_table[frame_of((void *)((uintptr_t)p & PAGE_MASK))].maps--;
    machine.global_maps--;
}

mfn_t domain_page_map_to_mfn(const void *p)
{
    ASSERT(table_mfn(p) && frame_table[table_mfn(p)].maps);

    return _mfn(table_mfn(p));
}

void clear_domain_page(mfn_t mfn)
{
    visits_page();
    memset(mfn_x(mfn) < TABLE_FRAMES ? (void *)table_at(mfn_x(mfn))
                                     : data_at(mfn_x(mfn)), 0, PAGE_SIZE);
}

void copy_domain_page(mfn_t to, mfn_t from)
{
    visits_page();
    visits_page();
    memcpy(data_at(mfn_x(to)), data_at(mfn_x(from)), PAGE_SIZE);
}

/* ---- pages of the heap that the domain owns: no gfn of the host's has one ---- */

struct page_info *alloc_domheap_page(struct domain *d, unsigned int flags)
{
    struct page_info *pg = NULL;

    ASSERT(flags == MEMF_no_refcount);
    if ( !d->is_dying && !machine_refuse() )
        pg = page_list_remove_head(&free_own);
    if ( !pg )
        return NULL;

    ASSERT(!pg->used && !pg->maps && !pg->refs);
    pg->used = pg->special = true;
    pg->owner = d;
    pg->refs = 1;
    machine.own++;
    memset(data_at(mfn_x(page_to_mfn(pg))), 0xa5, PAGE_SIZE);

    return pg;
}

/* No walk may lead there any more. */
static void check_left(unsigned long mfn)
{
    unsigned int i, g;

    for ( i = 0; i < NR_VIEWS; i++ )
    {
        uint64_t root = root_at(model_domain, i);

        for ( g = 0; g < NR_GFNS && root != ~0UL; g++ )
        {
            struct walk w = walk_any((root >> 12) & 0xffffffffff, gfns[g]);

            if ( w.end == WALK_OK && w.mfn == mfn )
                FAIL("the own page of gfn %lx in view %u is freed, and shown",
                     gfns[g], i);
        }
    }
}

static void put_own(struct page_info *pg)
{
    const uint8_t *p = data_at(mfn_x(page_to_mfn(pg)));
    unsigned int i;

    ASSERT(pg->refs && pg->special);
    if ( --pg->refs )
        return;

    /* Xen clears pages of a domain that dies. */
    for ( i = 0; i < PAGE_SIZE && !model_domain->is_dying; i++ )
        if ( p[i] != p[0] || (p[i] && p[i] != 0xa5) )
            FAIL("%s", "a page of a view's own is freed with what was on it");
    if ( pg->maps )
        FAIL("%s", "a page of a view's own is freed while mapped");
    /* Whoever may walk to it may reach what it is next. */
    trace_free(pg->shown);
    check_left(mfn_x(page_to_mfn(pg)));
    pg->used = pg->special = pg->shown = false;
    pg->owner = NULL;
    machine.own--;
    list_add(&pg->list, &free_own.l);
}

bool get_page_and_type(struct page_info *pg, const struct domain *d,
                       unsigned long type)
{
    ASSERT(pg->special && type == PGT_writable_page);
    if ( machine.refuse_type )
        return false;
    pg->refs++;

    return true;
}

void domain_crash(struct domain *d)
{
    machine.crashed++;
}

void put_page_alloc_ref(struct page_info *pg)
{
    /* Xen insists that it isn't the last one. */
    ASSERT(pg->refs > 1);
    put_own(pg);
}

void put_page_and_type(struct page_info *pg)
{
    put_own(pg);
}

bool get_page(struct page_info *pg, const struct domain *d)
{
    pg->refs++;
    machine.refs++;

    return true;
}

void put_page(struct page_info *pg)
{
    if ( !pg->refs )
        FAIL("a reference that isn't held is dropped");
    machine.refs--;
    if ( pg->special && pg->used )
        put_own(pg);
    else
        pg->refs--;
}

void *alloc_xenheap_page(void)
{
    void *p;

    if ( machine_refuse() )
        return NULL;
    p = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    machine.heap++;
    memset(p, 0xa5, PAGE_SIZE);

    return p;
}

void free_xenheap_page(void *p)
{
    if ( p )
        machine.heap--;
    free(p);
}

void *model_alloc(size_t size)
{
    void *p;

    if ( machine_refuse() )
        return NULL;
    p = malloc(size);
    machine.heap++;
    memset(p, 0xa5, size);

    return p;
}

void xfree(void *p)
{
    if ( p )
        machine.heap--;
    free(p);
}

/*
 * Can a processor walk to this table just now?  It can't where an entry above
 * is marked as misconfigured, and then it holds nothing from below either: what
 * it held went with the flush that followed the mark.
 */
static bool is_root(unsigned long mfn)
{
    const struct domain *d = model_domain;
    unsigned int i, side;

    if ( mfn == mfn_x(p2m_get_hostp2m(d)->phys_table.mfn) )
        return true;
    for ( i = 0; d->arch.altp2m && i < d->arch.altp2m->limit; i++ )
    {
        const struct altp2m_view *view = altp2m_any_view(d->arch.altp2m, i);

        for ( side = 0; view && side < SIDES; side++ )
            if ( mfn_x(node_table(&view->root, side)) == mfn )
                return true;
    }

    return false;
}

static bool is_link(uint64_t e)
{
    return (e & (features.vmx ? 7 : 1)) && !(e & 0x80) &&
           (e >> 12 & 0xffffffffff) < TABLE_FRAMES;
}

static bool leads_to(const uint64_t *e, unsigned long mfn)
{
    return is_link(*e) && (*e >> 12 & 0xffffffffff) == mfn;
}

static bool reachable(unsigned long mfn)
{
    const struct parents *p = &parents[mfn];
    unsigned int i;

    if ( reached[mfn].version == links_version )
        return reached[mfn].yes;

    reached[mfn].version = links_version;
    reached[mfn].yes = is_root(mfn);
    for ( i = 0; !reached[mfn].yes && i < p->nr; i++ )
        reached[mfn].yes = frame_table[table_mfn(p->entry[i])].used &&
                           leads_to(p->entry[i], mfn) &&
                           may_be_held(*p->entry[i], 1) &&
                           reachable(table_mfn(p->entry[i]));

    return reached[mfn].yes;
}

/* Does an entry lead to an own page? */
static void note_own(uint64_t e)
{
    unsigned long mfn = e >> 12 & 0xffffffffff;

    if ( mfn - MFN_OWN < OWN_FRAMES )
        frame_table[mfn].shown = true;
}

/*
 * An entry leads to a table now, and by way of it to what was put below before
 * that, which Xen does with plain stores.
 */
static void note_link(const uint64_t *entry)
{
    unsigned long mfn = *entry >> 12 & 0xffffffffff;
    const uint64_t *table = (void *)(table_memory + mfn * PAGE_SIZE);
    struct parents *p = &parents[mfn];
    unsigned int i, n = 0;

    for ( i = 0; i < p->nr; i++ )
        if ( p->entry[i] != entry && frame_table[table_mfn(p->entry[i])].used &&
             leads_to(p->entry[i], mfn) )
            p->entry[n++] = p->entry[i];
    if ( n >= p->room )
        p->entry = realloc(p->entry, (p->room += 16) * sizeof(*p->entry));
    p->entry[n++] = entry;
    p->nr = n;

    if ( linked[mfn] )
        return;
    linked[mfn] = true;
    for ( i = 0; i < 512; i++ )
    {
        note_own(table[i]);
        if ( is_link(table[i]) )
            note_link(&table[i]);
    }
}

void model_store(volatile void *p, uint64_t value, size_t size)
{
    unsigned long mfn = table_mfn((const void *)p);
    uint64_t *entry = (uint64_t *)p, old;
    bool held = false;

    if ( !mfn )
    {
        ASSERT(size == 8 || size == 4 || size == 1);
        if ( size == 8 )
            *entry = value;
        else if ( size == 4 )
            *(volatile uint32_t *)p = value;
        else
            *(volatile uint8_t *)p = value;
        return;
    }

    ASSERT(size == 8 && !((uintptr_t)p & 7));
    if ( !p2m_locked_by_me(p2m_get_hostp2m(model_domain)) )
        FAIL("a table is written without the lock");

    old = *entry;
    if ( old != value && (may_be_held(old, 0) || may_be_held(old, 1)) )
        held = reachable(mfn);
    *(volatile uint64_t *)entry = value;
    visits_store(p);

    note_own(value);
    if ( is_link(value) )
        note_link(entry);
    if ( old != value && (is_link(value) || is_link(old)) )
        links_version++;
    trace_store(old, value, held);
    if ( machine.stored )
        machine.stored(entry, old, value);
}

void paging_lock(struct domain *d)
{
    ASSERT(!machine.paging_locked);
    machine.paging_locked = true;
}

void paging_unlock(struct domain *d)
{
    ASSERT(machine.paging_locked);
    machine.paging_locked = false;
}

void p2m_lock(struct p2m_domain *p2m)
{
    race_point();
    /* The paging lock comes after it: taking it the other way deadlocks. */
    ASSERT(!machine.paging_locked);
    if ( page_locked && !p2m_locked_by_me(p2m) )
        FAIL("%s", "mm locking order violation: a p2m lock after a page's");
    if ( p2m->lock.depth && p2m->lock.owner != (int)model_cpu() )
        FAIL("deadlock: CPU %d holds the p2m lock", p2m->lock.owner);
    p2m->lock.owner = model_cpu();
    if ( !p2m->lock.depth++ )
        visits_begin();
    p2m->defer_flush++;
}

void p2m_unlock(struct p2m_domain *p2m)
{
    bool flush;

    ASSERT(p2m->lock.depth && p2m->lock.owner == (int)model_cpu());
    ASSERT(p2m->defer_flush > 1 || altp2m_settled(p2m));
    if ( !--p2m->lock.depth )
        visits_end();
    if ( --p2m->defer_flush )
        return;

    flush = p2m->need_flush;
    p2m->need_flush = false;
    if ( machine.unlocked )
        machine.unlocked();
    race_point();
    if ( flush )
        p2m->tlb_flush(p2m);
    race_point();
}

bool p2m_locked_by_me(const struct p2m_domain *p2m)
{
    return p2m->lock.depth && p2m->lock.owner == (int)model_cpu();
}

void p2m_tlb_flush_sync(struct p2m_domain *p2m)
{
    if ( p2m->need_flush )
    {
        p2m->need_flush = false;
        p2m->tlb_flush(p2m);
    }
}
