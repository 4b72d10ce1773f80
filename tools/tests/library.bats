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
        awk '/^struct xen_altp2m_[a-z_]* \{/ { s = $2
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
    # They lie over 64 bytes.
    grep -A1 '^size_' "$work/layout64" | awk '/long/ && $2 > 64 { bad = 1 } END { exit bad }'
}

@test "abi-languages" {
    gcc -x c -ansi -Wall -Werror -include stdint.h -S -o /dev/null "$header"
    gcc -x c++ -std=gnu++98 -Wall -Werror -include stdint.h -fsyntax-only "$header" 2>"$work/c++" ||
        grep -q 'cc1plus' "$work/c++" || { cat "$work/c++"; return 1; }
}

built() { make -s -C tools/libs/altp2m "OUT=$work/lib" PREFIX=/usr "$@"; }

@test "library-exports" {
    built
    grep -o 'xenaltp2m_[a-z_]*(' tools/libs/altp2m/include/xenaltp2m.h | tr -d '(' | grep -v '_done$' | sort -u >"$work/declared"
    nm -D --defined-only "$work/lib/libxenaltp2m.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
    diff "$work/declared" "$work/exported"
    nm -g --defined-only "$work/lib/libxenaltp2m.a" | awk '$2 == "T" && $3 !~ /^(xenaltp2m_|altp2m__)/ { print; bad = 1 } END { exit bad }'
}

@test "library-installed" {
    built install "DESTDIR=$work/root"
    printf '#include <xenaltp2m.h>\nint main(void) { return xenaltp2m_close(0); }\n' >"$work/program.c"
    gcc -Wall -Wextra -Werror "-I$work/root/usr/include" -o "$work/program" "$work/program.c" "-L$work/root/usr/lib" -lxenaltp2m
    LD_LIBRARY_PATH=$work/root/usr/lib "$work/program"
    grep -q '^Libs: .*-lxenaltp2m' "$work/root/usr/lib/pkgconfig/xenaltp2m.pc"
    if grep '@' "$work/root/usr/lib/pkgconfig/xenaltp2m.pc"; then return 1; fi
}
