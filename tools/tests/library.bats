#!/usr/bin/env bats
# Tests of what programs are built with: that the public header has one layout for
# 64 and 32 bits, and any C and C++; that libxenaltp2m exports what its header
# declares, no more and no less; and that a program builds against what it installs.

header=xen/include/public/hvm/altp2m.h

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    set -o pipefail
    work=$BATS_TEST_TMPDIR
}

@test "abi-layout" {
    {
        echo '#include <stddef.h>'
        echo '#include <stdint.h>'
        echo "#include \"$PWD/$header\""
        # Each structure, and each field of it, as a constant in the object.
        awk '/^struct xen_altp2m_[a-z0-9_]* \{/ { s = $2
                 print "const uint32_t size_" s " = sizeof(struct " s ");" }
             /^}/ { s = "" }
             s && match($0, /^ +(struct )?[a-z0-9_]+ [a-z0-9_]+;/) {
                 f = substr($0, RSTART, RLENGTH - 1); sub(/.* /, "", f)
                 print "const uint32_t " s "_at_" f " = offsetof(struct " s ", " f ");" }' "$header"
    } >"$work/layout.c"
    grep -q 'at_entry ' "$work/layout.c" || { echo "no field is found"; return 1; }
    for bits in 32 64; do
        gcc -m$bits -ffreestanding -S -o - "$work/layout.c" | grep -E '^[a-z_0-9]+:|\.(long|zero)' >"$work/layout$bits"
    done
    diff "$work/layout32" "$work/layout64"
    # They lie over 64 bytes, but for a record that is in buffers only.
    grep -A1 '^size_' "$work/layout64" |
        awk '/^size_/ { record = $1 == "size_xen_altp2m_rule:" }
             /long/ && !record && $2 > 64 { bad = 1 } END { exit bad }'
}

@test "abi-languages" {
    gcc -x c -ansi -Wall -Werror -include stdint.h -S -o /dev/null "$header"
    gcc -x c++ -std=gnu++98 -Wall -Werror -include stdint.h -fsyntax-only "$header" 2>"$work/c++" ||
        grep -q 'cc1plus' "$work/c++" || { cat "$work/c++"; return 1; }
}

built() { make -s -C tools/libs/altp2m "OUT=$work/lib" PREFIX=/usr "$@"; }

@test "library-exports" {
    built
    grep -o 'xenaltp2m_[a-z0-9_]*(' tools/libs/altp2m/include/xenaltp2m.h | tr -d '(' | grep -v '_done$' | sort -u >"$work/declared"
    nm -D --defined-only "$work/lib/libxenaltp2m.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
    diff "$work/declared" "$work/exported"
    # The package's list of symbols has the same.
    sed -n 's/^ \(xenaltp2m_[a-z0-9_]*\)@.*/\1/p' tools/deb/debian/libxenaltp2m1.symbols | sort >"$work/packaged"
    diff "$work/exported" "$work/packaged"
    nm -g --defined-only "$work/lib/libxenaltp2m.a" | awk '$2 == "T" && $3 !~ /^(xenaltp2m_|altp2m__)/ { print; bad = 1 } END { exit bad }'
}

@test "library-manual" {
    page=tools/libs/altp2m/libxenaltp2m.3
    [ -z "$(groff -man -Tascii -ww -P-cbou $page 2>&1 >"$work/manual.txt")" ]
    # It has every function of the header, and no other.
    grep -o 'xenaltp2m_[a-z0-9_]*(' tools/libs/altp2m/include/xenaltp2m.h | tr -d '(' | sort -u >"$work/declared"
    grep -o 'xenaltp2m_[a-z0-9_]*\\fR()' $page | sed 's/\\fR()//' | sort -u >"$work/described"
    diff "$work/declared" "$work/described"
    # So it does with rights; its program compiles.
    while read -r right; do
        grep -q "XENALTP2M$right\\|[ ,]$right" $page || { echo "no $right"; return 1; }
    done < <(grep -o '^#define XENALTP2M_[A-Z0-9_]*' tools/libs/altp2m/include/xenaltp2m.h | sed 's/.*XENALTP2M//; /_H$/d')
    built
    {
        sed -n '/^\.nf/,/^\.fi/p' $page | sed -n '/#include/p'
        echo '#include <stdio.h>'
        echo 'int main(void) { uint32_t domid = 1; uint64_t gfn = 2;'
        sed -n '/^\.nf/,/^\.fi/p' $page | sed '/^\./d; /#include/d; s/\\e/\\/g; s/\\-/-/g'
        echo 'return 0; }'
    } >"$work/synopsis.c"
    gcc -Wall -Wextra -Werror "-I$work/lib/include" -o "$work/synopsis" "$work/synopsis.c" "$work/lib/libxenaltp2m.a" \
        -lxencall -lxenctrl -lxenevtchn -lxendevicemodel
}

@test "library-installed" {
    built install "DESTDIR=$work/root"
    [ -e "$work/root/usr/share/man/man3/libxenaltp2m.3" ]
    # One include, first, is enough: rights, records and operations come with it.
    printf '#include <xenaltp2m.h>\nint main(void) { struct xen_altp2m_override o = { .set = XEN_ALTP2M_ACCESS, .access = XENALTP2M_RX }; return o.access != 5 || xenaltp2m_close(0); }\n' >"$work/program.c"
    gcc -Wall -Wextra -Werror "-I$work/root/usr/include" -o "$work/program" "$work/program.c" "-L$work/root/usr/lib" -lxenaltp2m
    LD_LIBRARY_PATH=$work/root/usr/lib "$work/program"
    grep -q '^Libs: .*-lxenaltp2m' "$work/root/usr/lib/pkgconfig/xenaltp2m.pc"
    if grep '@' "$work/root/usr/lib/pkgconfig/xenaltp2m.pc"; then return 1; fi
}

# What Python knows of structures, which it has from the headers, and of events, by offset.
@test "python-layout" {
    make -s -C tools/python "OUT=$work/python"
    make -s -C tools/libs/altp2m "OUT=$work/lib" PREFIX=/usr
    {
        cat <<'END'
#include <stddef.h>
#include <stdio.h>
#include <xenaltp2m.h>
#include <xenctrl.h>
#include <xen/vm_event.h>
#define AT(name, field) printf("at " #name " %zu\n", offsetof(vm_event_request_t, field));
#define IS(name, value) printf(#name " %llu\n", (unsigned long long)(value));
int main(void) {
END
        sed -n 's/^struct \(xen_altp2m_[a-z0-9_]*\) {/IS(struct_\1, sizeof(struct \1))/p' "$header"
        cat <<'END'
AT(version, version) AT(flags, flags) AT(reason, reason) AT(vcpu, vcpu_id) AT(view, altp2m_idx)
AT(subject, u.mem_access.gfn) AT(offset, u.mem_access.offset) AT(gla, u.mem_access.gla)
AT(access, u.mem_access.flags) AT(length, u.software_breakpoint.insn_length)
AT(type, u.software_breakpoint.type) AT(registers, data.regs.x86.rax) AT(rflags, data.regs.x86.rflags)
AT(cr0, data.regs.x86.cr0) AT(cr3, data.regs.x86.cr3) AT(rip, data.regs.x86.rip)
AT(step, u.fast_singlestep.p2midx)
IS(VERSION, VM_EVENT_INTERFACE_VERSION) IS(SIZE, sizeof(struct vm_event_st))
IS(FLAG_PAUSED, VM_EVENT_FLAG_VCPU_PAUSED) IS(FLAG_EMULATE, VM_EVENT_FLAG_EMULATE)
IS(FLAG_VIEW, VM_EVENT_FLAG_ALTERNATE_P2M) IS(FLAG_STEP, VM_EVENT_FLAG_FAST_SINGLESTEP)
IS(REASON_ACCESS, VM_EVENT_REASON_MEM_ACCESS) IS(REASON_BREAKPOINT, VM_EVENT_REASON_SOFTWARE_BREAKPOINT)
IS(REASON_STEP, VM_EVENT_REASON_SINGLESTEP) IS(GLA_VALID, MEM_ACCESS_GLA_VALID)
IS(READ, MEM_ACCESS_R) IS(WRITE, MEM_ACCESS_W) IS(EXECUTE, MEM_ACCESS_X)
return 0; }
END
    } >"$work/layout.c"
    gcc -Wall -Werror "-I$work/lib/include" -o "$work/layout" "$work/layout.c"
    "$work/layout" >"$work/wanted"
    PYTHONPATH=$work/python /usr/bin/python3 - "$work/wanted" >"$work/found" <<'END'
import sys
from xenaltp2m import _events as events
from xenaltp2m._abi import ffi
for line in open(sys.argv[1]):
    name = line.rsplit(" ", 1)[0]
    if name.startswith("struct_"):
        value = ffi.sizeof(name.replace("_", " ", 1))
    elif name == "at step":
        value = events.AT["subject"]
    elif name.startswith("at "):
        value = events.AT[name[3:]]
    else:
        value = getattr(events, name)
    print(name, value)
END
    diff "$work/wanted" "$work/found"
    [ "$(wc -l <"$work/found")" -gt 50 ]
}
