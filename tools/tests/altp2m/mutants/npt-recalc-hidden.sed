# The type of a page that nobody may access is not computed anew.
s/npt_mapped(l1e_get_flags(\(\**[a-z]*\)))/(l1e_get_flags(\1) \& _PAGE_PRESENT)/
