# A table made from a restricted superpage is not said to be restricted.
/altp2m_access_set(p2m, INVALID_GFN/d
