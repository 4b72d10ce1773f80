# A page with rights of its own is taken back, and they are lost.
s/ && a == p2m->default_access//
