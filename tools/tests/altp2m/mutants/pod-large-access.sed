# The same of a large page.
s/ || a != p2m->default_access//
