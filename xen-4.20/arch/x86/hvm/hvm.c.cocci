// Whose CPU it is has a name here.
@include_names@
@@

@fault_gla@
statement S;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
+ if ( violation && using_svm() )
+     npfec.gla_valid = svm_altp2m_gla(gpa, npfec, &gla);
+
 if ( violation )
     S
 ...>
 }
