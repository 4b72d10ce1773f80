# No host change reaches a remap.
/altp2m_targets_changed/d
