@op@
expression c, arg;
@@
- c ? compat_altp2m_op(arg) : do_altp2m_op(arg)
+ altp2m_op(arg)

// A fault in a view is about the host's entry for what the view shows there.
@fault_lookup@
expression mfn, q;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
+ if ( altp2m_fault_begin(curr, gpa, gla, npfec, &gfn) )
+ {
+     rc = 1;
+     goto out;
+ }
 mfn = get_gfn_type_access(hostp2m, gfn, &p2mt, &p2ma,
- q
+ altp2m_fault_query(curr, gpa, q)
  , &page_order);
 ...>
 }

@fault_view@
statement S1, S2;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
- if ( altp2m_active(currd) )
-     S1
- else
-     S2
+ if ( altp2m_fault(curr, gpa, npfec, p2mt, &p2ma, &page_order) )
+ {
+     rc = 1;
+     goto out_put_gfn;
+ }
+ altp2m_fault_page(curr, gpa, &mfn, &p2mt);
 ...>
 }

// Of a write to a view's own page the host's page does not become dirty.
@fault_dirty@
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
 if (
- npfec.write_access
+ npfec.write_access && !altp2m_fault_own(curr, gpa)
 )
 {
     paging_mark_pfn_dirty(...);
     ...
 }
 ...>
 }

@fault_p2m@
@@
 hvm_hap_nested_page_fault(...)
 {
 ...
- struct p2m_domain *p2m;
 ...
 }

@fault_shatter@
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
 p2m_set_entry(
- p2m
+ hostp2m
  , ...)
 ...>
 }

@fault_ve@
statement S;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
- if ( p2m_is_altp2m(p2m) && !cpu_has_vmx_virt_exceptions )
-     S
+ if ( altp2m_violation(curr, gpa, gla, npfec, p2ma) )
+ {
+     rc = 1;
+     goto out_put_gfn;
+ }
 ...>
 }

// An AMD CPU does not tell the linear address of a fault.
@include_names@
@@
 #include <asm/altp2m.h>
+ #include <asm/altp2m_names.h>

@fault_gla@
statement S;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
+ if ( violation && altp2m_on_amd )
+     npfec.gla_valid = svm_altp2m_gla(gpa, npfec, &gla);
+
 if ( violation )
     S
 ...>
 }

// sites: 2
@fault_put@
expression g;
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
- if ( p2m != hostp2m )
-     p2m_put_gfn(p2m, g);
 ...>
 }

@fault_sharing@
@@
 hvm_hap_nested_page_fault(...)
 {
 <...
- ASSERT(p2m_is_hostp2m(p2m));
 ...>
 }

// altp2m_teardown() lets go of what a vCPU holds, earlier.
@vcpu_destroy@
@@
 hvm_vcpu_destroy(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     altp2m_vcpu_destroy(v);
 ...>
 }

// Who wants a vCPU stepped, and how that ends: mm/altp2m/step.c.
@single_step@
@@
 hvm_fast_singlestep(...)
 {
 <...
- MAX_ALTP2M
+ ALTP2M_MAX_VIEWS
 ...>
 }

@single_step_fast@
expression e, view;
@@
 hvm_fast_singlestep(...)
 {
 <...
- v->arch.hvm.single_step = e;
- v->arch.hvm.fast_single_step.enabled = e;
- v->arch.hvm.fast_single_step.p2midx = view;
+ hvm_step_begin_fast(v, view);
 ...>
 }

@single_step_toggle@
expression e;
@@
 hvm_toggle_singlestep(...)
 {
 <...
- v->arch.hvm.single_step = e;
+ hvm_step_toggle(v);
 ...>
 }

@single_step_on@
@@
 hvm_debug_op(...)
 {
 <...
- v->arch.hvm.single_step = true;
+ hvm_step_begin(v, HVM_STEP_DEBUGGER);
 ...>
 }

@single_step_off@
@@
 hvm_debug_op(...)
 {
 <...
- v->arch.hvm.single_step = false;
+ hvm_step_end(v, HVM_STEP_ALL);
 ...>
 }

@single_step_off_fast@
expression view;
@@
 hvm_debug_op(...)
 {
 <...
- v->arch.hvm.fast_single_step.enabled = false;
- v->arch.hvm.fast_single_step.p2midx = view;
 ...>
 }

@single_step_supported@
@@
 hvm_debug_op(...)
 {
 <...
- cpu_has_monitor_trap_flag
+ hvm_is_singlestep_supported()
 ...>
 }

@vmfunc@
expression list es;
@@
 hvm_ud_intercept(...)
 {
 ...
+ if ( altp2m_ud_intercept(regs) )
+     return;
+
 hvm_emulate_init_once(es);
 ...
 }

// What Xen reads and writes for a vCPU is what its view shows.
@copy_page@
expression t, q;
@@
 hvm_translate_get_page(...)
 {
 <...
- get_page_from_gfn(v->domain, gfn_x(gfn), t, q)
+ altp2m_get_page(v, gfn, t, q, pfec)
 ...>
 }

// A copy to a guest is a write, also where the address is physical.
@copy_write@
expression linear;
@@
 __hvm_copy(...)
 {
 <...
 hvm_translate_get_page(v, addr, linear,
- pfec
+ pfec | (flags & HVMCOPY_to_guest ? PFEC_write_access : 0)
  , ...)
 ...>
 }

// An instruction that was fetched from a view's own page is not what a read there
// gets: the emulator remembers by address.
@copy_fetch@
expression list es;
@@
 __hvm_copy(...)
 {
 <...
- !hvmemul_read_cache(es)
+ (pfec & PFEC_insn_fetch) || !hvmemul_read_cache(es)
 ...>
 }

@copy_fetched@
expression list es;
@@
 __hvm_copy(...)
 {
 <...
- hvmemul_write_cache(es);
+ if ( !(pfec & PFEC_insn_fetch) )
+     hvmemul_write_cache(es);
 ...>
 }

@copy_paged@
@@
 hvm_translate_get_page(...)
 {
 <...
- p2m_mem_paging_populate(v->domain, gfn);
+ p2m_mem_paging_populate(v->domain, altp2m_gfn(v, gfn));
 ...>
 }

// The page that was written is marked dirty, whatever the view shows by now.
@copy_dirty@
@@
 __hvm_copy(...)
 {
 <...
- paging_mark_pfn_dirty(v->domain, _pfn(gfn_x(gfn)));
+ paging_mark_dirty(v->domain, page_to_mfn(page));
 ...>
 }

// Descriptors, for a task switch.
@map_entry@
expression p;
@@
 hvm_map_entry(...)
 {
 <...
- hvm_map_guest_frame_rw(gfn, p, writable)
+ hvm_map_guest_frame_rw(gfn_x(altp2m_gfn(current, _gfn(gfn))), p,
+                               writable)
 ...>
 }

// Views by CR3.  The paging update reads the new tables, so the view comes before.
// sites: 1
@cr3_loaded@
expression curr, value;
@@
 hvm_set_cr3(...)
 {
 <...
 curr->arch.hvm.guest_cr[3] = value;
+ altp2m_cr3_loaded(curr);
 ...>
 }

// sites: 1
@cr3_reset@
expression v;
@@
 hvm_vcpu_reset_state(...)
 {
 <...
 v->arch.hvm.guest_cr[3] = 0;
+ altp2m_cr3_set(v);
 ...>
 }

// A monitor that was asked about a write of CR3 has replied.
// sites: 1
@cr3_replied@
expression v, enabled;
@@
 hvm_do_resume(...)
 {
 <...
 if ( enabled )
     hvm_vm_event_do_resume(v);
+
+ altp2m_cr3_replied(v);
 ...>
 }
