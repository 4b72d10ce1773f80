// p2m_free_ptp() does it by now (XSA-480).
@flush_before_free@
@@
