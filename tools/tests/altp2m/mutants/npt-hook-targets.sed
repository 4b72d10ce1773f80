# No host change reaches a remap on AMD.
/p2m_is_hostp2m(p2m) )$/{
N
/altp2m_targets_changed/{
:whole
/;/!{
N
b whole
}
d
}
}
