# What is marked dirty is what the view shows after the write.
s/paging_mark_dirty(v->domain, page_to_mfn(page))/paging_mark_pfn_dirty(v->domain, _pfn(gfn_x(altp2m_gfn(v, gfn))))/
