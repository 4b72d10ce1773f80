# shellcheck shell=bash
# Sourced by what makes dom0's file system. $xen is the toolstack's directory, $model the
# device model's, if there is one.

# pack DIR: its content as a compressed archive on standard output. Times and
# owners are left out: equal content gives an equal archive.
pack() {
    (cd "$1" && find . -exec touch -h -d @0 {} + && find . -print0 | LC_ALL=C sort -z |
        cpio --quiet -0 -o -H newc -R 0:0 --reproducible | gzip -9n)
}

# needed FILE...: the shared libraries they load, the loader among them. A
# toolstack of another release has its own C library, and all else from there.
needed() {
    local file loader=$xen/usr/lib64/ld-linux-x86-64.so.2 path=$xen/usr/lib/x86_64-linux-gnu
    [ -z "${model:-}" ] || path+=:$model/usr/lib/x86_64-linux-gnu
    if [ -e "$loader" ]; then
        for file; do
            "$loader" --library-path "$path" --list "$file" || true
        done 2>/dev/null
    else
        LD_LIBRARY_PATH=$path ldd "$@" 2>/dev/null
    fi | awk '$2 == "=>" && $3 ~ /^\// { print $3; next } $1 ~ /^\/.*ld-linux/ { print $1 }' | sort -u
}

# lay ROOT FILE...: copies files to the place in ROOT that their path says; the
# loader to where programs name it.
lay() {
    local root=$1 file
    shift
    for file; do
        local to=${file#"$xen"}
        to=${to#"${model:-$xen}"}
        case $to in /usr/lib64/*) to=${to#/usr} ;; esac
        to=$root$to
        mkdir -p "${to%/*}"
        cp -L "$file" "$to"
    done
}
