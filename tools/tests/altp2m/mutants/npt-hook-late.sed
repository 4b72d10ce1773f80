# Xen flushes before views have followed, and not after.
s/ && !altp2m_follows(p2m)//
s/altp2m_npt_changed(p2m, p, oflags, level - 1)/if ( altp2m_follows(p2m) ) altp2m_entry_written(p2m, p, oflags \& _PAGE_PRESENT ? FLUSHED_BY_XEN : FLUSHED_BY_VIEWS)/
