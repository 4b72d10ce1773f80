# A page that has all rights is not taken back, after a default was set.
s/p2m_widens(a, p2m->default_access)/(a != p2m->default_access)/
