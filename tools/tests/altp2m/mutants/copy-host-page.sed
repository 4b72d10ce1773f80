# What Xen copies to a guest goes to the host's page.
s/gfn_x(altp2m_gfn(v, gfn))/gfn_x(gfn)/
