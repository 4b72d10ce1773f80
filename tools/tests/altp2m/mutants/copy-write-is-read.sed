# What Xen writes to a guest by a physical address counts as a read.
s/? PFEC_write_access/? 0/
