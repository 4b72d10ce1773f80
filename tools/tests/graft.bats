#!/usr/bin/env bats
# Tests of tools/graft itself, on a small tree that stands for Xen.

top=$BATS_TEST_DIRNAME/../..

# A project with one edit of each kind, and the tree it is laid over.
setup() {
    set -o pipefail
    work=$BATS_TEST_TMPDIR
    mkdir -p "$work"/{project/{tools,config,xen/common},pristine/xen/{common,arch/x86}}
    cp "$top/tools/graft" "$work/project/tools/"
    cd "$work" || return 1
    : >pristine/Config.mk
    printf 'XEN_DEFAULT := 1\nXEN_VERSIONS := 1 2 3\n' >project/Config.mk
    : >pristine/xen/arch/x86/Makefile
    printf 'int one(void)\n{\n    return 1;\n}\n\nint two(void)\n{\n    return 2;\n}\n' >pristine/xen/common/a.c
    printf 'obj-y += a.o\nobj-y += b.o\n' >pristine/xen/common/Makefile
    printf '@drop@\nidentifier f = { one };\ntype T;\nparameter list ps;\n@@\n- T f(ps) { ... }\n' \
        >project/xen/common/a.c.cocci
    printf -- '--- a\n+++ b\n@@ -1,2 +1,2 @@\n obj-y += a.o\n-obj-y += b.o\n+obj-y += c.o\n' \
        >project/xen/common/Makefile.patch
    echo 'int three;' >project/xen/common/c.c
    rules=project/xen/common/a.c.cocci
    echo '#define cf_check' >project/config/spatch.macros
}

graft() { XEN_ALTP2M_CACHE=$work/cache project/tools/graft pristine tree 2>"$work/out"; }

# fails_with TEXT...: graft fails, and says all of these.
fails_with() {
    if graft; then echo "graft did not fail"; return 1; fi
    local text
    for text; do
        grep -qF -- "$text" "$work/out" || { echo "graft does not say '$text'"; return 1; }
    done
}

@test "rule-without-match" {
    printf '\n@absent depends on drop@\n@@\n- nothing_like_this();\n' >>"$rules"
    fails_with "xen/common/a.c.cocci" "'absent' matches nothing"
}

@test "rule-without-name" {
    sed -i 's/^@drop@/@@/' "$rules"
    fails_with "xen/common/a.c.cocci:1: this rule has no name"
}

@test "listed-name-missing" {
    sed -i 's/{ one }/{ one, none }/' "$rules"
    fails_with "xen/common/a.c.cocci: lists 'none'"
}

@test "patch-that-does-not-fit" {
    sed -i 's/a\.o/x.o/' project/xen/common/Makefile.patch
    fails_with "xen/common/Makefile.patch: does not apply"
}

@test "unknown-target" {
    mv "$rules" project/xen/common/z.c.cocci
    fails_with "xen/common/z.c: edits for it, but Xen has no such file"
}

@test "only-changes-are-written" {
    graft
    ! grep -q one tree/xen/common/a.c || { echo "one() is still there"; return 1; }
    grep -q two tree/xen/common/a.c || { echo "two() is gone"; return 1; }
    grep -q 'c\.o' tree/xen/common/Makefile || { echo "the patch was not applied"; return 1; }
    find tree -type f -exec touch -d @0 {} +
    echo 'int four;' >project/xen/common/c.c
    graft
    written=$(find tree/xen -type f -newermt @1)
    [ "$written" = tree/xen/common/c.c ] || { echo "written: $written"; return 1; }
}

@test "taken-away" {
    graft
    rm "$rules" project/xen/common/c.c
    graft
    grep -q one tree/xen/common/a.c || { echo "one() did not come back"; return 1; }
    [ ! -e tree/xen/common/c.c ] || { echo "c.c is still there"; return 1; }
}

@test "foreign-tree" {
    mkdir tree
    echo precious >tree/file
    fails_with "not touching it"
    [ "$(cat tree/file)" = precious ]
}

# What differs for a version replaces what is there for all: a rule by its name, or
# a whole file; without this version it has no effect.
@test "other-version" {
    mkdir -p project/xen-2/common
    printf '@drop@\n@@\n\n@drop_two@\nidentifier f = { two };\ntype T;\nparameter list ps;\n@@\n- T f(ps) { ... }\n' \
        >project/xen-2/common/a.c.cocci
    : >project/xen-2/common/Makefile.patch
    echo 'int four;' >project/xen-2/common/c.c
    graft
    grep -q two tree/xen/common/a.c || { echo "xen-2 has effect on version 1"; return 1; }
    XEN=2 graft
    grep -q one tree/xen/common/a.c || { echo "a rule that goes was applied"; return 1; }
    ! grep -q two tree/xen/common/a.c || { echo "a rule of version 2 was not applied"; return 1; }
    grep -q 'b\.o' tree/xen/common/Makefile || { echo "a patch that goes was applied"; return 1; }
    grep -q four tree/xen/common/c.c || { echo "c.c is not that of version 2"; return 1; }
}

# What differs for a version differs for the later ones, until one says otherwise.
@test "later-version" {
    mkdir -p project/xen-{2,3}/common
    echo 'int four;' >project/xen-2/common/c.c
    echo 'int two(void) | {' >project/xen/common/a.c.drop
    echo 'int two(void) | }' >project/xen-2/common/a.c.drop
    echo 'int two(void) |' >project/xen-3/common/a.c.drop
    graft
    grep -c '^{' tree/xen/common/a.c | grep -qx 1 || { echo "version 1 dropped more than a line"; return 1; }
    XEN=2 graft
    ! grep -q '^{' tree/xen/common/a.c || { echo "the line of version 2 does not count"; return 1; }
    XEN=3 graft
    grep -q two tree/xen/common/a.c || { echo "a line that goes still counts"; return 1; }
    grep -q four tree/xen/common/c.c || { echo "version 3 has not what came with 2"; return 1; }
    XEN=4 fails_with "XEN=4 is none of the versions in Config.mk: 1 2 3"
}

# Two functions that each call old(), which a rule renames.
two_sites() {
    printf 'int one(void)\n{\n    return old(1);\n}\n\nint two(void)\n{\n    return old(2);\n}\n' \
        >pristine/xen/common/a.c
    printf '%s\n@rename@\n@@\n- old\n+ new\n  (...)\n' "$1" >"$rules"
}

@test "sites-missed" {
    two_sites "// sites: 2"
    graft
    [ "$(grep -c new tree/xen/common/a.c)" = 2 ] || { echo "not both are renamed"; return 1; }
    two_sites "// sites: 3"
    fails_with "xen/common/a.c.cocci: rule 'rename' matches 2, it says 3"
    two_sites "// no number"
    fails_with "xen/common/a.c.cocci: rule 'rename' matches 2, it says 1"
}

# <... ...> matches a function where it finds nothing, too.
@test "sites-in-nothing" {
    printf '\n@add@\n@@\n two(...)\n {\n <...\n+ before();\n absent();\n ...>\n }\n' >>"$rules"
    fails_with "'add' matches nothing"
}

# A rule of another version has that version's number of places.
@test "sites-of-another-version" {
    mkdir -p project/xen-2/common
    two_sites "// sites: 2"
    printf '// sites: 1\n@rename@\n@@\n one(...)\n {\n <...\n- old\n+ new\n  (...)\n ...>\n }\n' \
        >project/xen-2/common/a.c.cocci
    graft
    XEN=2 graft
    [ "$(grep -c new tree/xen/common/a.c)" = 1 ] || { echo "the rule of version 2 was not applied"; return 1; }
    sed -i 's/sites: 1/sites: 2/' project/xen-2/common/a.c.cocci
    XEN=2 fails_with "rule 'rename' matches 1, it says 2"
}

# Everything that is wrong is told by one run, and nothing is written.
@test "all-failures" {
    graft
    printf '\n@absent@\n@@\n- nothing_like_this();\n\n@absent_too@\n@@\n- nor_this();\n' >>"$rules"
    printf 'int nine; | }\nint eight; | }\n' >project/xen/common/a.c.drop
    sed -i 's/a\.o/x.o/' project/xen/common/Makefile.patch
    echo 'xen/common/gone.c' >project/config/dropped-files
    : >project/xen/common/z.c.patch
    echo x >project/xen/common/z.c.patch
    before=$(find tree/xen -type f -printf '%p %T@\n' | sort)
    fails_with "'absent' matches nothing" "'absent_too' matches nothing" "a.c.drop:1: " "a.c.drop:2: " \
        "Makefile.patch: does not apply" "Xen has no xen/common/gone.c" "z.c: edits for it"
    [ "$before" = "$(find tree/xen -type f -printf '%p %T@\n' | sort)" ] || { echo "the tree was changed"; return 1; }
}

# What went well is not told.
@test "failures-only" {
    printf -- '@@ -9 +9 @@\n-nothing_there\n+something\n' >>project/xen/common/Makefile.patch
    printf '\n@absent@\n@@\n- nothing_like_this();\n' >>"$rules"
    fails_with "Hunk #2" "'absent'"
    ! grep -E "#1|'drop'|c\.o|patching" "$work/out" || return 1
}

@test "one-macro-file" {
    sed -i '0,/{/s//BEGIN/' pristine/xen/common/a.c
    echo '#define BEGIN {' >project/config/spatch.macros
    graft
    : >project/config/spatch.macros
    fails_with "'drop' matches nothing"
}

# The state decides whether Xen is built: it depends on what was laid, and on no more.
@test "state-is-stable" {
    local n
    for n in 1 2 3 4 5 6 7 8; do echo "int n$n;" >"project/xen/common/n$n.c"; done
    PYTHONHASHSEED=1 graft
    cp tree/.graft.json first
    PYTHONHASHSEED=2 graft
    cmp -s first tree/.graft.json || { echo "the state is another after a run that changed nothing"; return 1; }
    echo 'int other;' >project/xen/common/n1.c
    graft
    ! cmp -s first tree/.graft.json || { echo "the state is the same after a change"; return 1; }
}

@test "diff-shows-edits" {
    local diff=(project/tools/graft --diff pristine)
    export XEN_ALTP2M_CACHE=$work/cache
    "${diff[@]}" >"$work/out" 2>&1
    grep -qx -- '-int one(void)' "$work/out" || { echo "the rule's effect is not shown"; return 1; }
    grep -qx -- '+obj-y += c.o' "$work/out" || { echo "the patch's effect is not shown"; return 1; }
    "${diff[@]}" common/a.c >"$work/out" 2>&1
    ! grep -q 'c\.o' "$work/out" || { echo "another file is shown"; return 1; }
    cp -r pristine patched
    patch -s -p1 -d patched <"$work/out"
    ! grep -q one patched/xen/common/a.c || { echo "what is shown can not be applied"; return 1; }
    ! "${diff[@]}" b.c >"$work/out" 2>&1 || { echo "a file without edits is no error"; return 1; }
    grep -q 'b.c: no edits of ours' "$work/out"
}

# laid_out RULE LINE...: the rule, in a function that calls g() and h(), makes these lines.
laid_out() {
    printf 'int two(struct domain *d, unsigned long number)\n{\n    if ( h(d) )\n        return 1;\n\n%s\n}\n' \
        '    return g(d, number);' >pristine/xen/common/a.c
    printf '@rule@\nexpression d, number;\n@@\n%s\n' "$1" >"$rules"
    shift
    graft
    local wanted made
    wanted=$(printf '%s\n' "$@") made=$(cat tree/xen/common/a.c)
    [[ $made == *"$wanted"* ]] || { echo "$made"; echo "laid out otherwise"; return 1; }
}

@test "layout-continuation" {
    laid_out '- g(d, number)
+ some_function_with_a_name(d, another_function_with_a_name(d, number, 3), number)' \
        '    return some_function_with_a_name(d,' \
        '                                     another_function_with_a_name(d, number, 3),' \
        '                                     number);'
}

@test "layout-statement" {
    laid_out '- if ( h(d) )
+ if (h(d) && a_function_whose_name_is_long(d) && another_one_whose_name_is_long(d))
  return 1;' \
        '    if ( h(d) && a_function_whose_name_is_long(d) &&' \
        '         another_one_whose_name_is_long(d) )'
}

@test "names-of-later-versions" {
    echo '2 | xen/common/ | int three; | int third;' >project/config/names
    graft
    grep -q 'int three;' tree/xen/common/c.c || { echo "the name is not that of this version"; return 1; }
    XEN=3 graft
    grep -q 'int third;' tree/xen/common/c.c || { echo "the name is not that of a later version"; return 1; }
}

@test "emptied-conditions" {
    { echo '#ifdef BEFORE'; echo '#endif'; echo '#include <a.h>'; echo '#ifdef ONE'; echo '/* About one(). */'
      cat pristine/xen/common/a.c; } >a.c
    sed -i '/^}/{n;s/^$/#endif/}' a.c
    cp a.c pristine/xen/common/
    printf '@twice@\n@@\n #include <a.h>\n+ #include <a.h>\n' >>"$rules"
    graft
    ! grep -q ONE tree/xen/common/a.c || { cat tree/xen/common/a.c; return 1; }
    grep -q BEFORE tree/xen/common/a.c || { echo "what was empty before is gone, too"; return 1; }
    [ "$(grep -c include tree/xen/common/a.c)" = 1 ] || { echo "an #include is there twice"; return 1; }
}

# A version's list of names replaces the one before, and has its names; or config/names
# says what Xen has in their place.
@test "names-of-versions" {
    local before='' file name
    for file in "$top"/xen{,-*}/arch/x86/include/asm/altp2m_names.h; do
        for name in $before; do
            grep -qE "(^#define |own by now: .*)\b$name\b" "$file" || grep -qw -- "$name" "$top/config/names" ||
                { echo "$file has no $name"; return 1; }
        done
        before=$(sed -n 's/^#define \(\w*\).*/\1/p' "$file")
    done
}

# What the project's own settings say, on any machine.
@test "source-that-is-missing" {
    run env XEN=4.21 XEN_SRC= "$top/tools/xen-source"
    [ "$status" != 0 ] && [[ $output == *"no source of Xen 4.21: XEN_SRC=dir names a tree of it"* ]] ||
        { echo "it says '$output'"; return 1; }
}

# The lists of packages of a release, on a machine of that release: they stay as they are.
@test "release-of-the-machine" {
    local lib=". $top/tools/lib.sh" own
    own=$(bash -c "$lib; own_release")
    printf 'Suites: %s %s-updates\n' "$own" "$own" >sources
    cp sources before
    timeout 20 bash -c "$lib; in_release $own sources" || { echo "it does not end"; return 1; }
    cmp sources before
    bash -c "$lib; in_release another sources"
    grep -qx 'Suites: another another-updates' sources
}

# Which toolstack dom0 gets: 4.19 has the next version's numbers, and a toolstack that is built
# has no device model.
@test "toolstack-of-version" {
    groups_of() { env "$@" bash -c ". $top/tools/lib.sh; toolstack_group; device_model_group" | xargs; }
    [ "$(groups_of XEN=4.17)" = "toolstack device-model" ]
    [ "$(groups_of XEN=4.20)" = "toolstack-4.20 device-model-4.20" ]
    [ "$(groups_of XEN=4.19)" = "toolstack-4.20 device-model-4.20" ]
    [ "$(groups_of XEN=staging)" = "toolstack-staging" ]
}
