# A new round of ASIDs drops what its first one had, not what all had.
s/TLB_CTRL_FLUSH_ALL : TLB_CTRL_NO_FLUSH/TLB_CTRL_FLUSH_ASID : TLB_CTRL_NO_FLUSH/
