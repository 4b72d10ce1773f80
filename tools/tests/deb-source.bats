#!/usr/bin/env bats
# Tests of which Xen is packaged: the newest source that is served and is what the package
# lists say, never one that is older than the hypervisor's package unless told so, or the
# tree that is named. The lists, the source packages and the trees are made up.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    work=$BATS_TEST_TMPDIR
    mkdir -p "$work"/{repo,cache,status}
    touch "$work/repo"/{Packages,Sources} "$work/status/status"
    echo "deb [trusted=yes] file:$work/repo ./" >"$work/sources.list"
    cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/no-parts";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::status "$work/status/status";
Acquire::Languages "none";
END
    export APT_CONFIG=$work/apt.conf DPKG_ADMINDIR=$work/status XEN_ALTP2M_CACHE=$work/cache XEN=4.17
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
    unset XEN_SRC OLDER_XEN RELEASE APT_RELEASE
}

# tree DIR VERSION: a Xen of that version, as far as it is looked at.
tree() {
    mkdir -p "$1/xen/arch/x86" "$1/config"
    printf 'export XEN_VERSION       = %s\nexport XEN_SUBVERSION    = %s\n' "${2%%.*}" "$(cut -d. -f2 <<<"$2")" >"$1/xen/Makefile"
    # shellcheck disable=SC2016  # as it is written there
    printf 'export XEN_EXTRAVERSION ?= .%s$(XEN_VENDORVERSION)\n' "${2##*.}" >>"$1/xen/Makefile"
    touch "$1/xen/arch/x86/Makefile" "$1/Config.mk" "$1/version.sh" "$1/COPYING"
    echo "before the patch" >"$1/xen/patched"
}

# serve VERSION: a source package of it, of the distribution's form.
serve() {
    local at=$work/xen-${1%-*}
    tree "$at" "${1%-*}"
    tar -C "$work" -cJf "$work/repo/xen_${1%-*}.orig.tar.xz" "xen-${1%-*}"
    mkdir -p "$at/debian/source" "$at/debian/patches"
    echo '3.0 (quilt)' >"$at/debian/source/format"
    printf 'Source: xen\nMaintainer: A <a@example.org>\n\nPackage: xen-doc\nArchitecture: all\nDescription: none\n' >"$at/debian/control"
    printf 'xen (%s) unstable; urgency=low\n\n  * New.\n\n -- A <a@example.org>  Sat, 10 Oct 2026 10:00:00 +0000\n' "$1" >"$at/debian/changelog"
    echo CONFIG_DEBUG=n >"$at/debian/xen-kconfig"
    echo "Format: of the source" >"$at/debian/copyright"
    printf -- '--- a/xen/patched\n+++ b/xen/patched\n@@ -1 +1 @@\n-before the patch\n+after the patch\n' >"$at/debian/patches/fix.patch"
    echo fix.patch >"$at/debian/patches/series"
    (cd "$work/repo" && dpkg-source -b "$at" >"$work/dpkg-source.log" 2>&1 && dpkg-scansources . >Sources 2>>"$work/dpkg-source.log")
}

# offer VERSION: a package of the hypervisor.
offer() {
    local at=$work/deb
    mkdir -p "$at/DEBIAN" "$at/boot" "$at/usr/share/doc/xen-hypervisor-4.17-amd64"
    printf 'Package: xen-hypervisor-4.17-amd64\nVersion: %s\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: none\n' "$1" >"$at/DEBIAN/control"
    echo "CONFIG_OF=the_package" >"$at/boot/xen-4.17-amd64.config"
    echo "Format: of the package" >"$at/usr/share/doc/xen-hypervisor-4.17-amd64/copyright"
    dpkg-deb -b "$at" "$work/repo" >/dev/null
    (cd "$work/repo" && dpkg-scanpackages -m . 2>/dev/null >Packages)
}

refused() {
    [ "$status" = 1 ]
    [[ $output == *"$1 is older than xen-hypervisor-4.17-amd64 $2"*"OLDER_XEN=1"* ]]
    [ ! -e "$work/out/version" ]
}
made() {
    [ "$status" = 0 ]
    [ "$(cat "$work/out/version")" = "$1" ]
    [ "$(cat "$work/out/date")" = "$2" ]
}

@test "deb-source-newest" {
    serve 4.17.5-1
    serve 4.17.10-1
    serve 4.18.1-1
    offer 4.17.10-1
    run tools/deb/source "$work/out"
    made 4.17.10-1 2026-10-10
    [ "$(cat "$work/out/stock/xen/patched")" = "after the patch" ]
    [ "$(cat "$work/out/patches/series")" = fix.patch ]
    [ "$(cat "$work/out/kconfig")" = CONFIG_DEBUG=n ]
    [ "$(cat "$work/out/copyright")" = "Format: of the source" ]
    tar -xOf "$work/out/orig.tar.xz" xen-4.17.10/xen/patched | grep -qx "before the patch"
}

@test "deb-source-not-served" {
    serve 4.17.5-1
    serve 4.17.7-1
    rm "$work"/repo/xen_4.17.7*
    offer 4.17.5-1
    run tools/deb/source "$work/out"
    made 4.17.5-1 2026-10-10
    [[ $output == *"4.17.7-1 is listed, but"* ]]
}

@test "deb-source-tampered" {
    serve 4.17.5-1
    serve 4.17.7-1
    printf x >>"$work/repo/xen_4.17.7.orig.tar.xz"
    run tools/deb/source "$work/out"
    made 4.17.5-1 2026-10-10
}

@test "deb-source-none" {
    serve 4.18.1-1
    run tools/deb/source "$work/out"
    [ "$status" = 1 ]
    [[ $output == *"no source package of Xen 4.17"*"XEN_SRC=dir"* ]]
}

@test "deb-source-older-than-offered" {
    serve 4.17.5-1
    offer 4.17.7-0+deb12u1
    run tools/deb/source "$work/out"
    refused 4.17.5-1 4.17.7-0+deb12u1
    OLDER_XEN=1 run tools/deb/source "$work/out"
    made 4.17.5-1 2026-10-10
    [[ $output == *"is older than"* ]]
    [ "$(cat "$work/out/kconfig")" = CONFIG_OF=the_package ]
    [ "$(cat "$work/out/copyright")" = "Format: of the source" ]
}

# A revision of the packager is newer, too; one that the machine has counts as well.
@test "deb-source-older-than-installed" {
    serve 4.17.5-1
    offer 4.17.5-1
    printf 'Package: xen-hypervisor-4.17-amd64\nStatus: install ok installed\nVersion: 4.17.5-2\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: none\n\n' >"$work/status/status"
    run tools/deb/source "$work/out"
    refused 4.17.5-1 4.17.5-2
}

@test "deb-source-tree" {
    serve 4.17.5-1
    offer 4.17.7+1-gabc-1
    tree "$work/src" 4.17.7
    XEN_SRC=$work/src run tools/deb/source "$work/out"
    refused 4.17.7 4.17.7+1-gabc-1
    # Where the tree's repository knows how far it is, that counts.
    (
        cd "$work/src"
        git init -q
        export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a
        export GIT_AUTHOR_DATE="2026-10-11T10:00:00Z" GIT_COMMITTER_DATE="2026-10-11T10:00:00Z"
        git add -A
        git commit -qm one
        git tag -a -m release RELEASE-4.17.7
        git commit -q --allow-empty -m two
        git commit -q --allow-empty -m three
    )
    XEN_SRC=$work/src run tools/deb/source "$work/out"
    made "4.17.7+2-g$(git -C "$work/src" rev-parse --short HEAD)-0~tree" 2026-10-11
    [ "$(cat "$work/out/kconfig")" = CONFIG_OF=the_package ]
    [ "$(cat "$work/out/copyright")" = "Format: of the package" ]
    [ ! -e "$work/out/patches/series" ]
    tar -tf "$work/out/orig.tar.xz" | grep -qx xen/xen/patched
    if tar -tf "$work/out/orig.tar.xz" | grep '\.git'; then return 1; fi
}

# One that a packager has packaged says so itself.
@test "deb-source-packaged-tree" {
    serve 4.17.7-2
    offer 4.17.7-1
    XEN_SRC=$work/xen-4.17.7 run tools/deb/source "$work/out"
    made 4.17.7-2 2026-10-10
    [ "$(cat "$work/out/kconfig")" = CONFIG_DEBUG=n ]
}

@test "deb-source-other-series" {
    tree "$work/src" 4.20.4
    XEN_SRC=$work/src run tools/deb/source "$work/out"
    [ "$status" = 1 ]
    [[ $output == *"XEN=4.20"* ]]
}
