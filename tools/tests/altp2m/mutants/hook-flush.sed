# Host tables are freed before the flush (XSA-480).
/p2m_tlb_flush_sync/d
