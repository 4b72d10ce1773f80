# What was fetched from an own page is what a read there gets.
s/(pfec & PFEC_insn_fetch) ||/0 ||/
s/if ( !(pfec & PFEC_insn_fetch) )/if ( true )/
