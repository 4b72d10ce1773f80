# A remap whose target is marked stays so on AMD.
/altp2m_resolve/d
