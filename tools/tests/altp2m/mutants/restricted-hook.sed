# The host restricts access and no view is told.
/altp2m_access_set(p2m, gfn_/d
