# A page with rights of its own is taken back, and they are lost.
s/ && !p2m_widens(a, p2m->default_access)//
