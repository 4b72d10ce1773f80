# shellcheck shell=bash
# Sourced by the tools: where things are, messages, the cache and its lock.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XEN_ALTP2M_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xen-altp2m}
mkdir -p "$CACHE"

# say MESSAGE: on a line of its own, also where the progress of something else is shown.
say() {
    [ ! -t 2 ] || printf '\r\033[K' >&2
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}
die() { say "$*"; exit 1; }

# renew FILE COPY: copies it unless the copy is the same; a copy of another file, for another
# version of Xen say, may be newer.
renew() {
    [ $# = 2 ] || die "renew: $# files"
    cmp -s "$1" "$2" || cp "$1" "$2"
}

# aside COMMAND...: run it so in the background that Ctrl-C ends it, too.
aside() { trap - INT QUIT; "$@"; }

# progress WHAT LOG PATTERN TOTAL COMMAND...: runs the command, its output in LOG, and
# says how many lines of it match so far: each second on a terminal, else now and then;
# with QUIET=1 not at all.
progress() {
    local what=$1 log=$2 pattern=$3 total=$4 started=$SECONDS begin=$SECONDS pause=20 count child
    shift 4
    aside "$@" >"$log" 2>&1 &
    child=$!
    [ -z "${QUIET:-}" ] || { wait "$child"; return; }
    [ ! -t 2 ] || pause=1
    while
        for (( ; SECONDS < begin + pause; )); do
            kill -0 "$child" 2>/dev/null || break 2
            sleep 0.2
        done
        true
    do
        count=$(grep -c "$pattern" "$log" 2>/dev/null || true)
        if [ -t 2 ]; then
            printf '\r%s: %s: %d of about %d, %d s ' "${0##*/}" "$what" "$count" "$total" $((SECONDS - started)) >&2
        else
            say "$what: $count of about $total, $((SECONDS - started)) s"
        fi
        begin=$SECONDS
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    wait "$child"
}

# setting NAME: the value that Config.mk gives to NAME.
setting() {
    local value
    value=$(sed -n "s/^$1 *:= *//p" "$TOP/Config.mk")
    [ -n "$value" ] || die "Config.mk has no $1"
    printf '%s\n' "$value"
}

# needs_root: dies unless this is root.
needs_root() { [ "$(id -u)" = 0 ] || die "only root can do this: it works in a bare root of the distribution, by chroot"; }

# own_release: the name of this machine's release of the distribution.
own_release() { (. /etc/os-release && echo "${VERSION_CODENAME:-none}"); }

# local_setting NAME [RELEASE]: what Config.mk gives to NAME on a machine of this release.
local_setting() {
    local name
    name=$1_${2:-$(own_release)}
    if grep -q "^$name *:=" "$TOP/Config.mk"; then setting "$name"; else setting "$1"; fi
}

# The version of Xen that is meant, and what Config.mk says of it.
XEN=${XEN:-$(local_setting XEN_DEFAULT)}
export XEN
xen_setting() { setting "XEN_$1_$XEN"; }

# The folders of ours for it, the one with the last word first.
xen_folders() {
    local version folders=xen
    for version in $(setting XEN_VERSIONS); do
        [ ! -d "$TOP/xen-$version" ] || folders="xen-$version $folders"
        [ "$version" != "$XEN" ] || break
    done
    printf '%s\n' "$folders"
}

# locked NAME: from here to the end of the script, only one process on this
# machine makes the cache entry NAME; the others wait and then find it made.
locked() {
    exec 9>"$CACHE/$1.lock"
    flock -n 9 || { say "waiting for another run that makes $1"; flock 9; }
}

# fails_again NAME: dies if making the cache entry NAME has failed within the hour, so
# that the servers aren't asked before each boot. fails NAME WHY: dies, to that end.
fails_again() {
    local why=$CACHE/$1.failed
    [ -z "$(find "$why" -mmin -60 2>/dev/null)" ] || die "$(cat "$why") (tried a short time ago; $why says so)"
}
fails() { printf '%s\n' "$2" >"$CACHE/$1.failed"; die "$2"; }

# digest: a short content hash of standard input.
digest() { sha256sum | cut -c1-16; }

# toolstack_version: the version of Xen whose toolstack this one takes.
toolstack_version() {
    local other
    other=$(release_of "XEN_TOOLSTACK_$XEN")
    printf '%s\n' "${other:-$XEN}"
}

# toolstack_group: the group of config/packages with that toolstack.
toolstack_group() {
    local version
    version=$(toolstack_version)
    if [ "$version" = "$(setting XEN_DEFAULT)" ]; then echo toolstack; else echo "toolstack-$version"; fi
}

# device_model_group: the group with a device model for that toolstack; empty where the
# distribution has none.
device_model_group() {
    local group
    group=$(toolstack_group)
    group=device-model${group#toolstack}
    if grep -q "^$group " "$TOP/config/packages"; then echo "$group"; fi
}

# release_of KEY: the release that Config.mk gives to KEY; empty: the machine's own.
release_of() { sed -n "s/^$1 *:= *//p" "$TOP/Config.mk"; }

# apt_private: settings that make apt-get work in the cache only, as any user,
# from the places this machine's own sources name, for source packages too. APT_RELEASE
# is the release of the distribution that is meant; where it is empty, the one that
# this version of Xen is of.
apt_private() {
    local release file made
    release=${APT_RELEASE:-$(release_of "XEN_RELEASE_$XEN")}
    [ "$release" != "$(own_release)" ] || release=
    apt=$CACHE/apt${release:+-$release}
    mkdir -p "$apt"/{parts,lists/partial,archives/partial}
    made=$(mktemp -d "$apt/parts.XXXXXX")
    eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    # shellcheck disable=SC2154  # main and parts are set by apt-config
    for file in "$main" "$parts"/*; do
        case $file in
        *.list) [ -e "$file" ] || continue
            sed -nE 's/^[[:space:]]*deb[[:space:]]/deb /p; s/^deb /deb-src /p' "$file" ;;
        *.sources) sed -E 's/^Types:.*/Types: deb deb-src/' "$file" ;;
        *) continue ;;
        esac > "$made/${file##*/}"
        [ -z "$release" ] || in_release "$release" "$made/${file##*/}"
    done
    # Another run may be reading them.
    if ! diff -r "$made" "$apt/parts" >/dev/null; then
        rm -rf "$apt/parts" && mv "$made" "$apt/parts"
    fi
    rm -rf "$made"
    APT=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/parts"
         -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt"
         -o "APT::Sandbox::User=$(id -un)" -o "Acquire::Retries=2")
    # What the machine prefers is said of its own release.
    [ -z "$release" ] ||
        APT+=(-o "APT::Default-Release=" -o "Dir::Etc::preferences=/dev/null" -o "Dir::Etc::preferencesparts=/dev/null")
}

# in_release NAME FILE: names that release in a list of package sources, where it
# names this machine's own, and drops what is of another.
in_release() {
    local own
    own=$(own_release)
    [ "$own" != "$1" ] || return 0
    if grep -qE "^(Suites:|deb).*[[:space:]]$own([-/[:space:]]|$)" "$2"; then
        sed -i -E ":a; s/([[:space:]])$own([-/[:space:]]|$)/\1$1\2/; ta" "$2"
    else
        rm "$2"
    fi
}

# apt_update: the private package lists, not older than a day, unless some could not be
# had; by one run at a time.
apt_update() {
    exec 7>"$CACHE/apt.lock"
    flock 7
    apt_private
    if [ -z "$(find "$apt/updated" -mtime -1 2>/dev/null)" ]; then
        fails_again "${apt##*/}"
        say "reading the package lists"
        apt-get "${APT[@]}" update >"$apt/update.log" 2>&1 ||
            fails "${apt##*/}" "apt-get update failed, see $apt/update.log"
        grep -q '^W:' "$apt/update.log" || touch "$apt/updated"
    fi
    exec 7>&-
}

# packages_of GROUP: the names that config/packages lists for it.
packages_of() {
    local names
    names=$(awk -v g="$1" '$1 == g { for (i = 2; i <= NF; i++) print $i }' "$TOP/config/packages")
    [ -n "$names" ] || die "config/packages has no group '$1'"
    printf '%s\n' "$names"
}
