# No host change reaches a remap on AMD.
/altp2m_targets_changed/d
