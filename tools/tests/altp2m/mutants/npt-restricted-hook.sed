# The host restricts access in its NPT and no view is told.
/altp2m_access_set(/d
