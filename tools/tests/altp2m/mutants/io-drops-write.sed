# A write is dropped where the view has come to show RAM.
s/altp2m_late_ram(currd, p2mt)/false/
