#!/usr/bin/env bats
# Tests of tools/series without a tree of Xen's staging: what its lists refuse, and
# two forms of a file in one.

top=$BATS_TEST_DIRNAME/../..

# A copy of what the lists are about.
setup() {
    set -o pipefail
    work=$BATS_TEST_TMPDIR
    mkdir -p "$work/tools"
    cp -r "$top"/{xen,xen-4.*,config,Config.mk} "$work/"
    cp "$top"/tools/{graft,lib.py,series,series-both} "$work/tools/"
    cp -r "$top"/tools/{libs,misc} "$work/tools/"
    mkdir -p "$work/tools/tests/altp2m"
    cp -r "$top/tools/tests/altp2m/model" "$work/tools/tests/altp2m/"
    cd "$work" || return 1
}

# fails_with TEXT: the lists are refused, and that is said.
fails_with() {
    if tools/series --covered >out 2>&1; then echo "the lists were accepted"; return 1; fi
    grep -qF -- "$1" out || { cat out; echo "and not: $1"; return 1; }
}

@test "series-lists-are-whole" {
    tools/series --covered
}

@test "series-new-file" {
    touch xen/arch/x86/mm/altp2m/new.c
    fails_with "config/series: no patch takes xen/arch/x86/mm/altp2m/new.c"
}

@test "series-new-tool-file" {
    touch tools/misc/xen-altp2m/commands/new.c
    fails_with "config/series: no patch puts tools/misc/xen-altp2m/commands/new.c"
}

@test "series-new-hunk" {
    printf '@@ -40 +40,2 @@\n obj-y += q.o\n+obj-y += new.o\n' >>xen-4.22/arch/x86/mm/Makefile.patch
    sed -i '/^take xen.arch.x86.mm.Makefile.patch$/d' config/series
    fails_with "config/series: no patch takes xen/arch/x86/mm/Makefile.patch: +obj-y += new.o"
}

@test "series-taken-twice" {
    echo 'take xen/arch/x86/mm/altp2m/pool.c' >>config/series
    fails_with "'xen/arch/x86/mm/altp2m/pool.c' is taken twice"
}

# Lines of a file of ours that come later than the rest of it.
@test "series-lines-not-there" {
    sed -i 's/OP(log_open, /OP(log_opened, /' config/series
    fails_with "xen/arch/x86/mm/altp2m/ops/op.c has 0 pieces that are 'OP(log_opened'"
}

@test "series-lines-twice" {
    sed -i 's/^take .*op.c: OP(log_open, /&OP(log_open, /' config/series
    fails_with "'OP(log_open' of xen/arch/x86/mm/altp2m/ops/op.c is taken twice"
}

@test "series-lines-before-their-file" {
    sed -i 's/^take .*altp2m.README$/&\ntake xen\/include\/public\/hvm\/altp2m.h: HVMOP_altp2m_audit:/' config/series
    fails_with "config/series: lines of xen/include/public/hvm/altp2m.h come before it"
}

@test "series-lines-before-what-they-include" {
    sed -i '/^take .*mm.altp2m.cr3.h$/d; s,^lay .*altp2m-rules.patch$,&\ntake xen/arch/x86/mm/altp2m/cr3.h,' config/series
    fails_with "xen/arch/x86/mm/altp2m/types.h comes before xen/arch/x86/mm/altp2m/cr3.h, which it includes"
}

@test "series-large-patch" {
    seq -f 'int a%.0f;' 700 >>xen/arch/x86/mm/altp2m/pool.c
    fails_with "650 are the most: x86/altp2m: memory of views"
}

@test "series-order" {
    sed -i 's,^take xen/arch/x86/mm/altp2m/tree.c$,,; s,^take xen/arch/x86/mm/altp2m/fill.c$,&\ntake xen/arch/x86/mm/altp2m/tree.c,' config/series
    fails_with "xen/arch/x86/mm/altp2m/mirror.c comes before xen/arch/x86/mm/altp2m/tree.c, whose"
}

@test "series-not-settled" {
    sed -i 's/^settle xen.arch.x86.hvm.hvm.c$/settle/' config/series
    fails_with "config/series: no patch settles xen/arch/x86/hvm/hvm.c"
}

# Each file that is edited, by the default version's graft: both forms come out again.
@test "series-two-forms" {
    [ -d "$top/build/xen/tree" ] || skip "no grafted tree is built"
    python3 - "$("$top/tools/xen-source")" "$top/build/xen/tree" <<'PY'
import os, re, sys
sys.path.insert(0, "tools")
from lib import load
both, (before, after) = load("series-both"), sys.argv[1:]

def form(lines, chosen):
    """The lines that are left where the symbol is set, or not."""
    kept, stack = [], []                # (is it ours, does it keep)
    for line in lines:
        word = re.match(r"#\s*(if\w*|else|elif|endif)\b(.*)", line)
        ours = word and re.match(r"(ifdef|ifndef) CONFIG_SYMBOL$", line[1:])
        if ours:
            stack.append([True, (word[1] == "ifdef") == chosen])
            continue
        if word and word[1].startswith("if"):
            stack.append([False, True])
        elif word and word[1] == "else" and stack[-1][0]:
            stack[-1][1] = not stack[-1][1]
            continue
        elif word and word[1] == "endif" and stack.pop()[0]:
            continue
        if all(keeps for _, keeps in stack):
            kept.append(line)
    return kept

count = 0
for folder, _, names in os.walk(os.path.join(before, "xen")):
    for name in names:
        old = os.path.join(folder, name)
        new = os.path.join(after, os.path.relpath(old, before))
        if not name.endswith((".c", ".h")) or not os.path.isfile(new) or os.path.islink(old):
            continue
        a, b = open(old, "rb").read(), open(new, "rb").read()
        path = os.path.relpath(old, before)
        if a == b or path.endswith("asm/altp2m.h"):
            continue
        lines = both.merged(path, a, b, "CONFIG_SYMBOL").decode("latin-1").split("\n")
        for chosen, whole in ((False, a), (True, b)):
            if form(lines, chosen) != whole.decode("latin-1").split("\n"):
                sys.exit(f"{path}: the form with the symbol {'set' if chosen else 'not set'} is another")
        count += 1
print(count, "files")
sys.exit(not count)
PY
}
