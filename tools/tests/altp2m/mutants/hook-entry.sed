# No host change reaches a private table.
/altp2m_ept_changed/d
