# A misconfigured remap is never resolved.
/altp2m_misconfig/d
