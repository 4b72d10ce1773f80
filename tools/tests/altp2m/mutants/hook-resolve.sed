# A misconfigured remap is never resolved.
/altp2m_resolve/d
