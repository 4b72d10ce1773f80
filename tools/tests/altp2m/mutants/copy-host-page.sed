# What Xen copies to a guest goes to the host's page.
s/altp2m_get_page(v, gfn, \(.*\), pfec)/get_page_from_gfn(v->domain, gfn_x(gfn), \1)/
