@single_step@
@@
 hvm_fast_singlestep(...)
 {
 <...
- v->domain->nr_altp2m
+ ALTP2M_MAX_VIEWS
 ...>
 }
