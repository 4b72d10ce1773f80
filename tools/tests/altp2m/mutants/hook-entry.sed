# No host change reaches a private table.
/altp2m_entry_changed/d
