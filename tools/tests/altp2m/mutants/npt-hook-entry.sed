# No host change reaches a private NPT.
/altp2m_npt_changed/d
