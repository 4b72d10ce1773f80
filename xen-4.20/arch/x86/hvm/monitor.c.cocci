@rights_index@
identifier idx;
expression e;
@@
 hvm_monitor_check_p2m(...)
 {
 ...
- unsigned int idx = e;
 ...
 }
