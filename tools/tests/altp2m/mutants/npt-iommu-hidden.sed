# The IOMMU keeps a superpage that nobody may access.
s/if ( npt_mapped(flags) )/if ( flags \& _PAGE_PRESENT )/
