#!/usr/bin/env bats
# Tests of what a first run meets: which packages are asked for, and how; what long
# steps say; and which machine is booted. The package tools are stand-ins here, that
# write down what they are called with.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    work=$BATS_TEST_TMPDIR
    mkdir "$work/bin" "$work/cache"
    cat >"$work/bin/dpkg-query" <<'END'
#!/bin/sh
case $* in *gcc*|*make*) echo installed ;; esac
END
    cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
echo "$*" >>"$CALLS"
case $* in
*--assume-no*)
    [ -e "$LISTS" ] || { echo "E: Unable to locate package"; exit 100; }
    echo "0 upgraded, 12 newly installed, 0 to remove and 3 not upgraded."
    echo "Need to get 61.5 MB of archives."
    echo "After this operation, 310 MB of additional disk space will be used."
    exit 1 ;;
*update*) touch "$LISTS" ;;
esac
END
    cat >"$work/bin/apt-cache" <<'END'
#!/bin/sh
echo "apt-cache $*" >>"$CALLS"
[ ! -e "$LISTS" ] || for name; do case $name in *-19 | lib*) echo " $name | 19 | Packages" ;; esac; done
END
    printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
    chmod +x "$work/bin"/*
    export CALLS=$work/calls LISTS=$work/lists XEN_ALTP2M_CACHE=$work/cache PATH=$work/bin:$PATH
    unset ASSUME_YES
    touch "$CALLS"
}

# at_terminal ANSWER [GROUP]: tools/packages where somebody sits and answers that.
at_terminal() {
    GROUP=${2:-build} ANSWER=$1 python3 - <<'END'
import os, pty, sys
def read(fd):
    data = os.read(fd, 1024)
    read.seen += data
    if read.seen.rstrip().endswith(b"[Y/n]") and not read.answered:
        read.answered = True
        os.write(fd, os.environ["ANSWER"].encode() + b"\n")
    return data
read.seen, read.answered = b"", False
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["tools/packages", os.environ["GROUP"]], read)))
END
}

installed() { grep -q 'install.* -y .*bison' "$CALLS"; }

@test "packages-named" {
    touch "$LISTS"
    run tools/packages build </dev/null
    [ "$status" = 0 ]
    [[ $output == *"missing: "*bison* && $output != *"missing: gcc"* ]]
    [[ $output == *"12 packages: 61.5 MB to be fetched, 310 MB on disk"* ]]
    installed
}

@test "packages-asked" {
    touch "$LISTS"
    run at_terminal n
    [ "$status" = 1 ]
    [[ $output == *"Install them?"* && $output == *"nothing is installed"* ]]
    if installed; then return 1; fi
    run at_terminal ""
    [ "$status" = 0 ]
    installed
}

@test "packages-assumed" {
    touch "$LISTS"
    export ASSUME_YES=1
    run at_terminal n
    [ "$status" = 0 ]
    [[ $output != *"Install them?"* ]]
    installed
}

@test "packages-no-lists" {
    run tools/packages build </dev/null
    [ "$status" = 0 ]
    [[ $output == *"reading the package lists"* ]]
    [ "$(grep -c update "$CALLS")" = 1 ]
    installed
}

@test "packages-of-this-release" {
    # One of two names; the lists are read once for all of them, and once more when they are had.
    touch "$LISTS"
    run tools/packages fuzz matrix </dev/null
    [ "$status" = 0 ]
    [[ $output == *"missing: "*"clang-19 libclang-rt-14-dev "*"lld-19"* ]]
    [ "$(grep -c apt-cache "$CALLS")" = 1 ]
    rm "$LISTS" && : >"$CALLS"
    run tools/packages fuzz </dev/null
    [[ $output == *"missing: "*"clang-19 libclang-rt-14-dev"* ]]
    [ "$(grep -c apt-cache "$CALLS")" = 2 ]
    run tools/packages build </dev/null
    [ "$(grep -c apt-cache "$CALLS")" = 2 ]
}

@test "packages-first" {
    # All are asked for, and those of one group are installed; the rest needs no answer.
    touch "$LISTS"
    run tools/packages --first build fuzz spin </dev/null
    [ "$status" = 0 ]
    [[ $output == *"missing: "*bison*spin*clang-19* ]]
    installed
    if grep -q 'install.* -y .*spin' "$CALLS"; then return 1; fi
    # The lists that the next tools fetch by have come meanwhile.
    grep -q "Dir::State::lists=$work/cache/apt.*update" "$CALLS"
    QUIET=1 ASSUME_YES=1 run at_terminal n spin
    [ "$status" = 0 ]
    [ -z "$output" ]
    grep -q 'install.* -y .*spin' "$CALLS"
}

@test "packages-none-missing" {
    printf '#!/bin/sh\necho installed\n' >"$work/bin/dpkg-query"
    run tools/packages build tools </dev/null
    [ "$status" = 0 ]
    [ -z "$output" ]
    [ ! -s "$CALLS" ]
}

@test "progress-told" {
    # shellcheck disable=SC2016  # expanded by that shell
    run bash -c '. tools/lib.sh; progress "compiling" "$1/log" "^CC" 7 bash -c "echo CC a; echo CC b; exit 3"
        echo "status $?"' - "$work"
    [[ $output == *"status 3"* ]]
    grep -q 'CC b' "$work/log"
    # On a terminal it says so each second.
    # shellcheck disable=SC2016  # the same
    LOG=$work/log run python3 -c 'import pty, sys; pty.spawn(["bash", "-c", ". tools/lib.sh; progress compiling $LOG ^CC 7 bash -c \"echo CC a; echo CC b; sleep 3\""])'
    [[ $output == *"compiling: 2 of about 7, "* ]]
}

# Much of a build passes before the first file is compiled.
@test "progress-from-the-start" {
    for build in tools/build-xen tools/dom0/kernel; do
        pattern=$(sed -n "s/.*progress \"building .* '\([^']*\)' .*/\1/p" "$build")
        [ "$(printf '  GEN     include/x.h\n  CC      x.o\nmake: done\n' | grep -c "$pattern")" = 2 ]
    done
}

@test "stock-for-shell" {
    STOCK=1 run tools/run run
    [ "$status" = 1 ]
    [[ $output == *"STOCK=1 goes with make shell"* ]]
}

@test "machine-for-run" {
    run make -n run
    [[ $output == *"packages --first build dom0 tools qemu"* && $output != *bochs* ]]
    run make -n run MACHINE=intel
    [[ $output == *"packages --first build dom0 tools bochs"* && $output != *qemu* ]]
    run make -n check
    [[ $output == *qemu*bochs* ]]
}

@test "container-steps" {
    # Each step of the Containerfile is something that there is.
    grep -q '^RUN make ready$' Containerfile
    make -n ready >/dev/null
    [ "$(sed -n 's/^CMD //p' Containerfile)" = '["make", "run"]' ]
}

# Ctrl-C ends what is run, not only the shell that shows its progress.
@test "progress-interrupted" {
    # shellcheck disable=SC2016  # expanded by that shell
    LOG=$work/log run timeout 50 python3 - <<'END'
import os, pty, time
shell = '. tools/lib.sh; progress waiting "$LOG" x 1 sh -c "echo \\$\\$; exec sleep 60"'
child, terminal = pty.fork()
if not child:
    os.execvp("bash", ["bash", "-c", shell])
while not (os.path.exists(os.environ["LOG"]) and open(os.environ["LOG"]).read().endswith("\n")):
    time.sleep(0.1)
os.write(terminal, b"\x03")
os.waitpid(child, 0)
while os.path.exists(f"/proc/{open(os.environ['LOG']).read().strip()}"):
    time.sleep(0.1)
END
    [ "$status" = 0 ]
}
