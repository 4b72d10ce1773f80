enum hvm_translation_result hvm_translate_get_page(
    struct vcpu *v, unsigned long addr, bool linear, uint32_t pfec,
    pagefault_info_t *pfinfo, struct page_info **page_p,
    gfn_t *gfn_p, p2m_type_t *p2mt_p)
{
    struct page_info *page;
    p2m_type_t p2mt;
    gfn_t gfn;

    if ( linear )
    {
        gfn = _gfn(paging_gva_to_gfn(v, addr, &pfec));

        if ( gfn_eq(gfn, INVALID_GFN) )
        {
            if ( pfec & PFEC_page_paged )
                return HVMTRANS_gfn_paged_out;

            if ( pfec & PFEC_page_shared )
                return HVMTRANS_gfn_shared;

            if ( pfinfo )
            {
                pfinfo->linear = addr;
                pfinfo->ec = pfec & ~PFEC_implicit;
            }

            return HVMTRANS_bad_linear_to_gfn;
        }
    }
    else
    {
        gfn = gaddr_to_gfn(addr);
        ASSERT(!pfinfo);
    }

    /*
     * No need to do the P2M lookup for internally handled MMIO, benefiting
     * - 32-bit WinXP (& older Windows) on AMD CPUs for LAPIC accesses,
     * - newer Windows (like Server 2012) for HPET accesses.
     */
    if ( v == current
         && !nestedhvm_vcpu_in_guestmode(v)
         && hvm_mmio_internal(gfn_to_gaddr(gfn)) )
        return HVMTRANS_bad_gfn_to_mfn;

    page = altp2m_get_page(v, gfn, &p2mt, P2M_UNSHARE, pfec);

    if ( !page )
        return HVMTRANS_bad_gfn_to_mfn;

    if ( p2m_is_paging(p2mt) )
    {
        put_page(page);
        p2m_mem_paging_populate(v->domain, altp2m_gfn(v, gfn));
        return HVMTRANS_gfn_paged_out;
    }
    if ( p2m_is_shared(p2mt) )
    {
        put_page(page);
        return HVMTRANS_gfn_shared;
    }
    if ( p2m_is_grant(p2mt) )
    {
        put_page(page);
        return HVMTRANS_unhandleable;
    }

    *page_p = page;
    if ( gfn_p )
        *gfn_p = gfn;
    if ( p2mt_p )
        *p2mt_p = p2mt;

    return HVMTRANS_okay;
}
static enum hvm_translation_result __hvm_copy(
    void *buf, paddr_t addr, unsigned int size, struct vcpu *v, unsigned int flags,
    uint32_t pfec, pagefault_info_t *pfinfo)
{
    ASSERT(is_hvm_vcpu(v));

    /*
     * XXX Disable for 4.1.0: PV-on-HVM drivers will do grant-table ops
     * such as query_size. Grant-table code currently does copy_to/from_guest
     * accesses under the big per-domain lock, which this test would disallow.
     * The test is not needed until we implement sleeping-on-waitqueue when
     * we access a paged-out frame, and that's post 4.1.0 now.
     */
#if 0
    /*
     * If the required guest memory is paged out, this function may sleep.
     * Hence we bail immediately if called from atomic context.
     */
    if ( in_atomic() )
        return HVMTRANS_unhandleable;
#endif

    while ( size > 0 )
    {
        struct page_info *page;
        gfn_t gfn;
        p2m_type_t p2mt;
        enum hvm_translation_result res;
        unsigned int pgoff = addr & ~PAGE_MASK;
        unsigned int count = min((unsigned int)PAGE_SIZE - pgoff, size);

        res = hvm_translate_get_page(v, addr, flags & HVMCOPY_linear,
                                     pfec | (flags & HVMCOPY_to_guest
                                             ? PFEC_write_access
                                             : 0), pfinfo, &page, &gfn, &p2mt);
        if ( res != HVMTRANS_okay )
            return res;

        if ( (flags & HVMCOPY_to_guest) && p2mt == p2m_ioreq_server )
        {
            put_page(page);
            return HVMTRANS_bad_gfn_to_mfn;
        }

        if ( unlikely(v->arch.vm_event) &&
             (flags & HVMCOPY_linear) &&
             v->arch.vm_event->send_event &&
             hvm_monitor_check_p2m(addr, gfn, pfec, npfec_kind_with_gla) )
        {
            put_page(page);
            return HVMTRANS_need_retry;
        }

        if ( (flags & HVMCOPY_to_guest) ||
             (pfec & PFEC_insn_fetch) || !hvmemul_read_cache(v,
                                                             gfn_to_gaddr(gfn) |
                                                             pgoff,
                                                             buf, count))
        {
            void *p = __map_domain_page(page) + pgoff;

            if ( !(flags & HVMCOPY_to_guest) )
            {
                memcpy(buf, p, count);
                if ( !(pfec & PFEC_insn_fetch) ) hvmemul_write_cache(v, gfn_to_gaddr(gfn) | pgoff, buf, count);
            }
            else if ( p2m_is_discard_write(p2mt) )
            {
                static unsigned long lastpage;

                if ( xchg(&lastpage, gfn_x(gfn)) != gfn_x(gfn) )
                    dprintk(XENLOG_G_DEBUG,
                            "%pv attempted write to read-only gfn %#lx (mfn=%#"PRI_mfn")\n",
                            v, gfn_x(gfn), mfn_x(page_to_mfn(page)));
            }
            else
            {
                if ( buf )
                    memcpy(p, buf, count);
                else
                    memset(p, 0, count);
                paging_mark_dirty(v->domain, page_to_mfn(page));
            }

            unmap_domain_page(p);
        }

        addr += count;
        if ( buf )
            buf += count;
        size -= count;
        put_page(page);
    }

    return HVMTRANS_okay;
}
