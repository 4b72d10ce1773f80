# The A/D bit of the host alone changes (303cee10a6).
/altp2m_roots_changed/d
