# No host change reaches a private NPT.
/altp2m_entry_changed/d
