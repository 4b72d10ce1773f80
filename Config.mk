# The Xens this project is laid over: XEN=4.20 takes another than the default.
# Each is the distribution's source package of this version, by the checksum of
# its .orig.tar.xz. Where a machine's package sources no longer carry exactly
# this version, tools/xen-source takes another of the same series, checked by the
# package client, and says so.
XEN_DEFAULT := 4.17
# On a machine of another release than this one's, by its name.
XEN_DEFAULT_trixie := 4.20

# All of them, from the oldest: docs/versions.md.
XEN_VERSIONS := 4.17 4.19 4.20 4.21 4.22 staging

XEN_VERSION_4.17 := 4.17.5+72-g01140da4e8-1
XEN_SHA256_4.17  := 53922f4d0a02c577f2ea9d63f65989cd88715779eebeed879ca1d314103ee06e

# Of the distribution's next release, and its toolstack with it.
XEN_RELEASE_4.20 := trixie
XEN_VERSION_4.20 := 4.20.4+63-g7abfd2bce2-0+deb13u1
XEN_SHA256_4.20  := 5142c1e5f9b952953caef4f732bbaef97097ac3ba736c600ab56ee2e512e42dc

# A version whose interfaces have the numbers of another's takes that one's toolstack.
XEN_TOOLSTACK_4.19 := 4.20

# Where dom0's kernel comes from: a source package of the distribution.
LINUX_SOURCE := linux-source-6.1
LINUX_SOURCE_trixie := linux-source-6.12

# Groups of config/packages that are of another release than the machine's own.
RELEASE_device-model-4.20 := trixie
RELEASE_bochs-3.0 := trixie
RELEASE_qemu-10.0 := trixie
RELEASE_cbmc-6 := trixie

# The source of the emulator whose CPUs keep translations: tools/emulator/build.
RELEASE_bochs-source := trixie
BOCHS_SHA256 := 78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b
