# The same of a large page.
s/ || p2m_widens(a, p2m->default_access)//
